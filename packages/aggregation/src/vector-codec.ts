import type { Amounts, CellAmounts, Vector } from "./vector.ts";

/** Bytes of the bitmap of a dense vector: one bit for each of the components that a shard of a stored vector has. */
const bitmapBytes = 1024;
/** No component has the amount 0, so no sparse vector begins with component 0 and amount 0. */
const denseMark = [0, 0] as const;
const denseHead = denseMark.length + bitmapBytes;

/**
 * The bytes of a vector. Sparse: per component, ascending, the gap to the one before and the zigzag amount, both as base-128 varints; small
 * gaps and small amounts, which is nearly all there are, take two bytes a component. Dense, where a vector of low components has more of
 * them than a bitmap has bytes, which makes it the shorter: a mark, the bitmap of the components, and their amounts alone, ascending.
 */
export function encodeVector(vector: Vector): Uint8Array {
  return encodeAmounts(ascendingAmounts(vector));
}

/** @returns component and amount in turn, ascending */
export function ascendingAmounts(vector: Vector): number[] {
  const components = [...vector.keys()];
  if (components.length > 1) components.sort((a, b) => a - b);
  const amounts = new Array<number>(2 * components.length);
  let length = 0;
  for (const component of components) {
    amounts[length++] = component;
    amounts[length++] = vector.get(component) as number;
  }
  return amounts;
}

/** @param amounts as `ascendingAmounts` returns them @returns the bytes that `encodeVector` gives the vector */
export function encodeAmounts(amounts: Amounts): Uint8Array {
  const components = amounts.length / 2;
  const isDense = components > denseHead && (amounts[amounts.length - 2] as number) < bitmapBytes * 8;
  const writer = writerFor(denseHead + components * 2 * varintMax);
  if (isDense) writeBitmap(writer, amounts);
  let previous = 0;
  for (let i = 0; i < amounts.length; i += 2) {
    const component = amounts[i] as number;
    if (!isDense) writeVarint(writer, component - previous);
    writeAmount(writer, amounts[i + 1] as number);
    previous = component;
  }
  return writer.bytes.slice(0, writer.at);
}

/**
 * @param added as `ascendingAmounts` returns them
 * @returns the bytes of the sum; none when every component of it is 0
 * @throws {RangeError} when the bytes end inside a number: they were cut
 */
export function addEncoded(bytes: Uint8Array, added: Amounts): Uint8Array {
  const storedLength = decodeInto(bytes);
  const stored = decoded.amounts;
  const sum = new Array<number>(storedLength + added.length);
  let length = 0;
  for (let i = 0, j = 0; i < storedLength || j < added.length; ) {
    const inStored = i < storedLength ? (stored[i] as number) : Number.POSITIVE_INFINITY;
    const inAdded = j < added.length ? (added[j] as number) : Number.POSITIVE_INFINITY;
    const component = Math.min(inStored, inAdded);
    let amount = 0;
    if (inStored === component) {
      amount += stored[i + 1] as number;
      i += 2;
    }
    if (inAdded === component) {
      amount += added[j + 1] as number;
      j += 2;
    }
    if (amount === 0) continue;
    sum[length++] = component;
    sum[length++] = amount;
  }
  sum.length = length;
  return encodeAmounts(sum);
}

function writeBitmap(writer: ByteWriter, amounts: Amounts): void {
  const { bytes, at } = writer;
  bytes.set(denseMark, at);
  const bitmap = bytes.subarray(at + denseMark.length, at + denseHead).fill(0);
  for (let i = 0; i < amounts.length; i += 2) {
    const component = amounts[i] as number;
    bitmap[component >>> 3] = (bitmap[component >>> 3] as number) | (1 << (component & 7));
  }
  writer.at = at + denseHead;
}

/** @throws {RangeError} when the bytes end inside a number: they were cut */
export function decodeVector(bytes: Uint8Array): Vector {
  const vector: Vector = new Map();
  const length = decodeInto(bytes);
  const { amounts } = decoded;
  for (let i = 0; i < length; i += 2) vector.set(amounts[i] as number, amounts[i + 1] as number);
  return vector;
}

/**
 * Reads an encoded vector as component and amount in turn, ascending.
 * @param below only components below are read: what lies behind costs nothing
 * @throws {RangeError} when the bytes end inside a number that is read: they were cut
 */
export function decodeAmounts(bytes: Uint8Array, below = Number.POSITIVE_INFINITY): CellAmounts {
  const length = decodeInto(bytes, below);
  return decoded.amounts.slice(0, length);
}

// One for all vectors: longer than any that was read. It is read before the next vector is.
const decoded = { amounts: new Float64Array(16 * 1024) };

/** Reads into `decoded`. @returns the length of what was read */
function decodeInto(bytes: Uint8Array, below = Number.POSITIVE_INFINITY): number {
  // Component and amount take a byte each at least; in a bitmap a component takes none.
  const lengthMax = isDense(bytes) ? 2 * (bytes.length - denseHead) : bytes.length;
  if (decoded.amounts.length < lengthMax) decoded.amounts = new Float64Array(lengthMax);
  return isDense(bytes) ? readDense(bytes, below, decoded.amounts) : readSparse(bytes, below, decoded.amounts);
}

function readSparse(bytes: Uint8Array, below: number, amounts: CellAmounts): number {
  const reader = { bytes, at: 0 };
  let length = 0;
  for (let component = 0; reader.at < bytes.length; ) {
    component += nextVarint(reader);
    if (component >= below) break;
    amounts[length++] = component;
    amounts[length++] = nextAmount(reader);
  }
  return length;
}

function readDense(bytes: Uint8Array, below: number, amounts: CellAmounts): number {
  let length = 0;
  const reader = { bytes, at: denseHead };
  for (let i = 0; i < bitmapBytes; i++) {
    for (let bits = bytes[denseMark.length + i] as number; bits !== 0; bits &= bits - 1) {
      const component = i * 8 + 31 - Math.clz32(bits & -bits);
      if (component >= below) break;
      amounts[length++] = component;
      amounts[length++] = nextAmount(reader);
    }
  }
  return length;
}

/** Component and amount in turn, of several vectors one after the other. */
export function joinAmounts(parts: readonly CellAmounts[]): CellAmounts {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const joined = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Sets the bit of each component of an encoded vector, without looking at amounts: a set of users is read so.
 * @param words 32 components each, the lowest in the lowest bit; components beyond them are left out
 * @throws {RangeError} when the bytes end inside a number: they were cut
 */
export function markComponents(bytes: Uint8Array, words: Uint32Array): void {
  if (isDense(bytes)) {
    const bitmap = new DataView(bytes.buffer, bytes.byteOffset + denseMark.length, bitmapBytes);
    for (let i = 0; i < bitmapBytes / 4; i++) words[i] = (words[i] as number) | bitmap.getUint32(4 * i, true);
    return;
  }
  const reader = { bytes, at: 0 };
  for (let component = 0; reader.at < bytes.length; ) {
    component += nextVarint(reader);
    nextVarint(reader);
    words[component >>> 5] = (words[component >>> 5] as number) | (1 << (component & 31));
  }
}

function isDense(bytes: Uint8Array): boolean {
  if (bytes[0] !== denseMark[0] || bytes[1] !== denseMark[1]) return false;
  if (bytes.length < denseHead) throw cut();
  return true;
}

type ByteReader = { readonly bytes: Uint8Array; at: number };

function nextVarint(reader: ByteReader): number {
  const byte = reader.bytes[reader.at];
  if (byte === undefined || byte >= 128) return nextLongVarint(reader);
  reader.at += 1;
  return byte;
}

function nextLongVarint(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw cut();
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

function nextAmount(reader: ByteReader): number {
  const start = reader.at;
  const zigzag = nextVarint(reader);
  return zigzag <= Number.MAX_SAFE_INTEGER ? signed(zigzag) : largeAmount(reader.bytes.subarray(start, reader.at));
}

function largeAmount(varint: Uint8Array): number {
  const zigzag = varint.reduceRight((above, byte) => (above << 7n) + BigInt(byte & 127), 0n);
  return Number(zigzag % 2n === 0n ? zigzag / 2n : -(zigzag + 1n) / 2n);
}

function signed(zigzag: number): number {
  if (zigzag < 0x40000000) return (zigzag >>> 1) ^ -(zigzag & 1);
  return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
}

function cut(): RangeError {
  return new RangeError("vector bytes end inside a number");
}

type ByteWriter = { bytes: Uint8Array; at: number };

/** Bytes of the longest varint: of amounts beyond what doubles count one by one there may be more digits, never more than a double has. */
const varintMax = 160;
// One for all vectors: most take a few bytes.
const writer: ByteWriter = { bytes: new Uint8Array(64 * 1024), at: 0 };

function writerFor(length: number): ByteWriter {
  if (writer.bytes.length < length) writer.bytes = new Uint8Array(length);
  writer.at = 0;
  return writer;
}

// From here on a double cannot hold the zigzag number of a negative amount.
const exactZigzagMax = 2 ** 52;

function writeAmount(to: ByteWriter, amount: number): void {
  if (amount >= 0) writeVarint(to, amount * 2);
  else if (amount > -exactZigzagMax) writeVarint(to, -amount * 2 - 1);
  else writeLargeVarint(to, BigInt(-amount) * 2n - 1n);
}

function writeLargeVarint(to: ByteWriter, value: bigint): void {
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    to.bytes[to.at++] = rest < 128n ? low : low + 128;
    if (rest < 128n) return;
  }
}

// Division instead of shifts: sums of milliseconds outgrow 32 bits.
function writeVarint(to: ByteWriter, value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) to.bytes[to.at++] = (rest % 128) + 128;
  to.bytes[to.at++] = rest;
}
