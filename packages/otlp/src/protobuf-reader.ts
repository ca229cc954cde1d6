import { decodeLimits } from "./decode-limits.ts";
import type { NameCache } from "./name-cache.ts";
import { OtlpDecodeError } from "./otlp-problem.ts";
import type { WantedNames } from "./wanted-names.ts";

/** The wire types that may still occur; 6 and 7 never existed. */
const wireType = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

const groupDepthMax = 16;
const two32 = 4_294_967_296;

/**
 * Reads the protobuf wire format of https://protobuf.dev/programming-guides/encoding/ within bounds.
 * `limit` is the end of the message being read: nothing reads past it, for any bytes.
 * @throws {OtlpDecodeError} `malformed`, at the first byte that cannot be; `too_many_items`, at the first field that is one too many
 */
export class ProtobufReader {
  readonly bytes: Buffer;
  position = 0;
  limit: number;
  /** The two halves of the last `varint()` or `fixed64()`, unsigned. */
  low = 0;
  high = 0;
  private fieldsLeft: number = decodeLimits.fieldsMax;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  /** @returns field number times 8 plus wire type */
  tag(): number {
    if (this.fieldsLeft-- <= 0) throw new OtlpDecodeError("too_many_items", `a request may carry ${decodeLimits.fieldsMax} fields`);
    const first = this.bytes[this.position] as number;
    let tag = first;
    if (first < 0x80) this.position++;
    else {
      this.varint();
      if (this.high !== 0) this.fail("a field number is beyond 29 bits");
      tag = this.low;
    }
    if (tag < 8) this.fail("a field has the number 0");
    if ((tag & 7) > 5) this.fail("a field has no known wire type");
    return tag;
  }

  /** Reads a varint of up to 64 bits into `low` and `high`. */
  varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift <= 63; shift += 7) {
      if (this.position >= this.limit) this.fail("a number is cut off");
      const byte = this.bytes[this.position++] as number;
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x7f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else if (shift < 63) high |= (byte & 0x7f) << (shift - 32);
      else if (byte > 1) this.fail("a number is longer than 64 bits");
      else high |= byte << 31;
      if (byte < 0x80) break;
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** An enum, a bool or a small count: none of these reaches 2^53, beyond which digits are lost. */
  varintNumber(): number {
    const byte = this.bytes[this.position] as number;
    if (byte < 0x80 && this.position < this.limit) {
      this.position++;
      return byte;
    }
    this.varint();
    return this.high * two32 + this.low;
  }

  /** Reads 8 bytes into `low` and `high`. */
  fixed64(): void {
    const at = this.advance(8);
    this.low = this.bytes.readUInt32LE(at);
    this.high = this.bytes.readUInt32LE(at + 4);
  }

  double(): number {
    return this.bytes.readDoubleLE(this.advance(8));
  }

  /** Enters a length-delimited field. @returns the limit to hand to `leave` */
  enter(): number {
    const outer = this.limit;
    const length = this.length();
    this.limit = this.position + length;
    return outer;
  }

  /** Leaves a field at its end, also one that was not read to it. */
  leave(outer: number): void {
    this.position = this.limit;
    this.limit = outer;
  }

  /** Invalid UTF-8 becomes U+FFFD. */
  string(): string {
    const at = this.advance(this.length());
    return this.bytes.toString("utf8", at, this.position);
  }

  /** A string that repeats from record to record. */
  repeatingString(names: NameCache): string {
    const at = this.advance(this.length());
    return names.textOf(this.bytes, at, this.position);
  }

  /** @returns the string if it is a wanted name */
  wantedString(names: WantedNames): string | undefined {
    const at = this.advance(this.length());
    return names.find(this.bytes, at, this.position);
  }

  /** @returns the field's bytes in lower-case hex; of a field that is longer than `bytesMax`, one byte more than that */
  hex(bytesMax: number): string {
    const at = this.advance(this.length());
    return this.bytes.toString("hex", at, Math.min(this.position, at + bytesMax + 1));
  }

  base64(): string {
    const at = this.advance(this.length());
    return this.bytes.toString("base64", at, this.position);
  }

  /** Skips the field that `tag` opened. */
  skip(tag: number): void {
    switch (tag & 7) {
      case wireType.varint:
        return this.varint();
      case wireType.fixed64:
        this.advance(8);
        return;
      case wireType.bytes:
        this.advance(this.length());
        return;
      case wireType.fixed32:
        this.advance(4);
        return;
      case wireType.groupStart:
        return this.skipGroup(tag, 1);
      default:
        this.fail("a group ends that never started");
    }
  }

  fail(detail: string): never {
    throw new OtlpDecodeError("malformed", `${detail} (byte ${this.position})`);
  }

  private skipGroup(startTag: number, depth: number): void {
    if (depth > groupDepthMax) this.fail("groups nest too deep");
    const endTag = startTag + 1;
    while (this.position < this.limit) {
      const tag = this.tag();
      if (tag === endTag) return;
      if ((tag & 7) === wireType.groupStart) this.skipGroup(tag, depth + 1);
      else this.skip(tag);
    }
    this.fail("a group never ends");
  }

  private length(): number {
    const length = this.varintNumber();
    if (length > this.limit - this.position) this.fail("a length reaches beyond its message");
    return length;
  }

  private advance(byteCount: number): number {
    const at = this.position;
    if (byteCount > this.limit - at) this.fail("a field is cut off");
    this.position = at + byteCount;
    return at;
  }
}

/** Visits every field with exactly this tag in the message being read, and skips all others. */
export function eachMessage(reader: ProtobufReader, wantedTag: number, visit: () => void): void {
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (tag === wantedTag) {
      const outer = reader.enter();
      visit();
      reader.leave(outer);
    } else reader.skip(tag);
  }
}
