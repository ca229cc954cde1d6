import { closeSync, openSync, readSync } from "node:fs";

const headerBytes = 32;
const frameHeaderBytes = 24;
const framesAtOnce = 256;
/** The last bit is the byte order of the checksums. */
const magic = 0x377f_0682;

type Sum = readonly [number, number];
type Header = {
  readonly pageBytes: number;
  readonly isLittleEndian: boolean;
  readonly salts: Sum;
  readonly sum: Sum;
  readonly isSound: boolean;
};
type Frame = { readonly commits: boolean; readonly salts: Sum; readonly storedSum: Sum; sumAfter(sum: Sum): Sum };

/**
 * Detects damage in a write-ahead log that SQLite ignores: it treats everything from the first bad frame on as the remains of a crash. A crash
 * leaves at most one unsynced transaction, so two or more after a bad frame mean damage, if each frame continues the checksum of the one
 * before. Frames of an earlier use of the file have other salts.
 * The file must not be written meanwhile. Format: https://sqlite.org/fileformat2.html#walformat
 * @param pageBytes of the database, for a file with a bad header
 * @returns the number of the first bad frame, 0 for the header; null without damage or without a file
 */
export function findWalDamage(path: string, pageBytes = 4_096): number | null {
  const file = openIfThere(path);
  if (file === null) return null;
  try {
    const header = readHeader(file, pageBytes);
    if (header === null) return null;
    const damage = damageBehind(header, framesOf(file, header));
    if (header.isSound || damage !== null) return damage;
    // A bad header has no reliable byte order either.
    return damageBehind(header, framesOf(file, { ...header, isLittleEndian: false }));
  } finally {
    closeSync(file);
  }
}

function damageBehind(header: Header, frames: Iterable<Frame>): number | null {
  let firstBad = header.isSound ? null : 0;
  let { salts } = header;
  let sum: Sum | null = header.isSound ? header.sum : null;
  let number = 0;
  let commitsInRun = 0;
  for (const frame of frames) {
    number += 1;
    // With a bad header, the first frame has the current salts.
    if (number === 1 && !header.isSound) salts = frame.salts;
    const isOfThisPass = isSame(frame.salts, salts);
    const continues = isOfThisPass && sum !== null && isSame(frame.sumAfter(sum), frame.storedSum);
    if (!continues) {
      firstBad ??= number;
      commitsInRun = 0;
    } else if (firstBad !== null && frame.commits) {
      commitsInRun += 1;
      if (commitsInRun === 2) return firstBad;
    }
    sum = isOfThisPass ? frame.storedSum : null;
  }
  return null;
}

function readHeader(file: number, usualPageBytes: number): Header | null {
  const bytes = Buffer.alloc(headerBytes);
  if (readSync(file, bytes, 0, headerBytes, 0) < headerBytes) return null;
  const salts: Sum = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const sum: Sum = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  const isLittleEndian = (bytes.readUInt32BE(0) & 1) === 0;
  const isSound =
    bytes.readUInt32BE(0) >>> 1 === magic >>> 1 && isSame(addTo([0, 0], viewOf(bytes), 0, headerBytes - 8, isLittleEndian), sum);
  if (isSound) return { pageBytes: bytes.readUInt32BE(8), isLittleEndian, salts, sum, isSound };
  return { pageBytes: usualPageBytes, isLittleEndian: true, salts, sum, isSound };
}

function* framesOf(file: number, { pageBytes, isLittleEndian }: Header): Generator<Frame> {
  const frameBytes = frameHeaderBytes + pageBytes;
  const bytes = Buffer.alloc(frameBytes * framesAtOnce);
  const view = viewOf(bytes);
  for (let position = headerBytes, read = bytes.length; read === bytes.length; position += read) {
    read = readSync(file, bytes, 0, bytes.length, position);
    for (let at = 0; at + frameBytes <= read; at += frameBytes) {
      yield {
        commits: view.getUint32(at + 4) !== 0,
        salts: [view.getUint32(at + 8), view.getUint32(at + 12)],
        storedSum: [view.getUint32(at + 16), view.getUint32(at + 20)],
        sumAfter: (sum) => addTo(addTo(sum, view, at, 8, isLittleEndian), view, at + frameHeaderBytes, pageBytes, isLittleEndian),
      };
    }
  }
}

/** The checksum of the format, over a multiple of eight bytes. */
function addTo([first, second]: Sum, view: DataView, from: number, bytes: number, isLittleEndian: boolean): Sum {
  let a = first;
  let b = second;
  for (let at = from; at < from + bytes; at += 8) {
    a = (a + view.getUint32(at, isLittleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, isLittleEndian) + a) >>> 0;
  }
  return [a, b];
}

function isSame(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
