import { uuidBytes, uuidText, writeUuid } from "@trinity/runtime/uuid";

/**
 * JSON values in few bytes: a head, then what the head says. Objects of a known shape have no names, and frequent texts are one byte.
 * Heads, shapes and words are stored: they keep their places, and new ones go last.
 */

/** Smaller whole numbers are heads themselves. */
const smallMax = 0x40;
const firstShape = 0x40;
const head = {
  null: 0x60,
  false: 0x61,
  true: 0x62,
  /** Then a varint. */
  whole: 0x63,
  /** Then 8 bytes, little-endian: a number below 0, or a fraction. */
  double: 0x64,
  /** Then the length, and a byte for each unit. */
  latin1: 0x65,
  /** Then the length, and two bytes for each unit, little-endian. Unlike UTF-8 it keeps lone surrogates. */
  utf16: 0x66,
  /** Then 16 bytes. */
  uuid: 0x67,
  /** Then the length, and the values. */
  array: 0x68,
  /** Then how many properties, and the name and value of each. */
  object: 0x69,
} as const;
const firstWord = 0x80;

/** The first byte of an object's JSON, which no value has as its head. */
export const jsonHead = 0x7b;

/** The names of an object's properties. */
type Shape = readonly string[];

/** The objects in entities as they are stored. An object of another shape takes some bytes more. */
const shapes: readonly Shape[] = [
  ["atMs", "eventId"],
  ["offered", "votes", "likes", "matched", "firstVote", "dimensions"],
  ["contentId", "genre", "mediaType"],
  ["contentId", "genre", "mediaType", "releaseDecade"],
  ["first", "described", "dimensions"],
  ["startMs", "endMs", "events", "first", "userId", "circumstances"],
  ["number", "first", "likes", "circumstances"],
  ["platform", "deviceType", "locale", "appVersion", "source"],
  ["votes", "activeAtMs"],
  ["votes", "activeAtMs", "joinedAtMs"],
  ["members", "votingMembers", "voters", "titlesOffered", "titlesVoted", "matchedVotes", "matchedLikes", "votes", "matches"],
  "created seats mediaType genres titleCount counts departures startedAtMs firstVoteAtMs matchedAtMs agreedAtMs closedAtMs lastAtMs".split(
    " ",
  ),
];
/** The places of shapes by how many names they have. */
const placesByCount: number[][] = [];
for (const [place, { length }] of shapes.entries()) (placesByCount[length] ??= []).push(place);

const words: readonly string[] = `
  atMs votes activeAtMs joinedAtMs leftAtMs silentAtMs useBillionths restBillionths level counts contentId genre mediaType
  releaseDecade platform deviceType locale appVersion source ageBand divisions service route resource movie tv app android ios
  web phone tablet desktop action adventure animation comedy crime documentary drama family fantasy history horror kids music
  mystery news politics reality romance sci-fi soap talk thriller tv-movie war western
`
  .trim()
  .split(/\s+/);
const headOfWord = new Map(words.map((word, place) => [word, firstWord + place]));

/** @returns the bytes of what `JSON.parse(JSON.stringify(value))` returns */
export function encodeCompact(value: unknown): Uint8Array {
  if (bytes.length > keptBytesMax) bytes = Buffer.alloc(firstBytes);
  written = 0;
  write(value);
  return Buffer.from(bytes.subarray(0, written));
}

/** @throws {RangeError} when the bytes end too early or too late, or have a head that nothing has */
export function decodeCompact(encoded: Uint8Array): unknown {
  const reader = new Reader(encoded);
  const value = reader.next();
  reader.requireEnd();
  return value;
}

// One buffer for all values: an allocation for each would take as long as all the rest.
const firstBytes = 4_096;
/** A buffer that had to grow larger than this is not kept. */
const keptBytesMax = 1024 * 1024;
let bytes = Buffer.alloc(firstBytes);
let written = 0;

function reserve(length: number): void {
  if (written + length <= bytes.length) return;
  bytes = Buffer.concat([bytes], 2 * (written + length));
}

function write(value: unknown): void {
  reserve(16);
  if (typeof value === "string") writeText(value);
  else if (typeof value === "number") writeNumber(value);
  else if (typeof value === "boolean") bytes[written++] = value ? head.true : head.false;
  else if (Array.isArray(value)) writeArray(value);
  else if (typeof value === "object" && value !== null) writeObject(value as Readonly<Record<string, unknown>>);
  else bytes[written++] = head.null;
}

function writeNumber(value: number): void {
  if (!Number.isFinite(value)) {
    bytes[written++] = head.null;
  } else if (!Number.isSafeInteger(value) || value < 0) {
    bytes[written++] = head.double;
    written = bytes.writeDoubleLE(value, written);
  } else if (value < smallMax) {
    bytes[written++] = value;
  } else {
    bytes[written++] = head.whole;
    writeVarint(value);
  }
}

function writeVarint(value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[written++] = (rest % 0x80) | 0x80;
  bytes[written++] = rest;
}

function writeText(text: string): void {
  const word = headOfWord.get(text);
  if (word !== undefined) {
    bytes[written++] = word;
    return;
  }
  reserve(16 + 2 * text.length);
  const start = written;
  if (writeUuid(text, bytes, start + 1)) {
    bytes[start] = head.uuid;
    written += 1 + uuidBytes;
    return;
  }
  bytes[written++] = head.latin1;
  writeVarint(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return writeUtf16(start, text);
    bytes[written++] = unit;
  }
}

function writeUtf16(start: number, text: string): void {
  written = start;
  bytes[written++] = head.utf16;
  writeVarint(text.length);
  written += bytes.write(text, written, "utf16le");
}

function writeArray(values: readonly unknown[]): void {
  bytes[written++] = head.array;
  writeVarint(values.length);
  for (const value of values) write(value);
}

const noPlaces: readonly number[] = [];

function writeObject(object: Readonly<Record<string, unknown>>): void {
  let count = 0;
  for (const name in object) if (object[name] !== undefined) count += 1;
  for (const place of placesByCount[count] ?? noPlaces) {
    const shape = shapes[place] as Shape;
    if (!hasAll(object, shape)) continue;
    bytes[written++] = firstShape + place;
    for (const name of shape) write(object[name]);
    return;
  }
  bytes[written++] = head.object;
  writeVarint(count);
  for (const name in object) {
    if (object[name] === undefined) continue;
    write(name);
    write(object[name]);
  }
}

function hasAll(object: Readonly<Record<string, unknown>>, names: Shape): boolean {
  for (const name of names) if (object[name] === undefined) return false;
  return true;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(encoded: Uint8Array) {
    this.#bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  }

  requireEnd(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("a value ends before its bytes");
  }

  next(): unknown {
    const first = this.#byte();
    if (first < smallMax) return first;
    if (first >= firstWord) return known(words[first - firstWord]);
    if (first < head.null) return this.#shaped(known(shapes[first - firstShape]));
    switch (first) {
      case head.null:
        return null;
      case head.false:
        return false;
      case head.true:
        return true;
      case head.whole:
        return this.#varint();
      case head.double:
        return this.#bytes.readDoubleLE(this.#skip(8));
      case head.latin1: {
        const length = this.#varint();
        const start = this.#skip(length);
        return this.#bytes.toString("latin1", start, start + length);
      }
      case head.utf16: {
        const length = 2 * this.#varint();
        const start = this.#skip(length);
        return this.#bytes.toString("utf16le", start, start + length);
      }
      case head.uuid:
        return this.#uuid();
      case head.array: {
        const values: unknown[] = [];
        for (let rest = this.#varint(); rest > 0; rest--) values.push(this.next());
        return values;
      }
      case head.object:
        return this.#object();
      default:
        throw new RangeError("a value has a head that nothing has");
    }
  }

  #shaped(names: Shape): unknown {
    const object: Record<string, unknown> = {};
    for (const name of names) object[name] = this.next();
    return object;
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    for (let rest = this.#varint(); rest > 0; rest--) {
      const name = this.next();
      if (typeof name !== "string") throw new RangeError("the name of a property is no text");
      const value = this.next();
      // To assign it would change the prototype.
      if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
      else object[name] = value;
    }
    return object;
  }

  #uuid(): string {
    const start = this.#skip(uuidBytes);
    return uuidText(this.#bytes, start);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)] as number;
  }

  /** @returns where the skipped bytes start */
  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new RangeError("a value goes on behind its bytes");
    this.#at = start + length;
    return start;
  }
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new RangeError("a value has a head that nothing has");
  return value;
}
