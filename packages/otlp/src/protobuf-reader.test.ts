import { describe, expect, test } from "vitest";
import { OtlpDecodeError } from "./otlp-problem.ts";
import { ProtobufReader } from "./protobuf-reader.ts";

const readerOf = (...bytes: number[]) => new ProtobufReader(Buffer.from(bytes));

function skipAll(reader: ProtobufReader): void {
  while (reader.position < reader.limit) reader.skip(reader.tag());
}

describe("varints", () => {
  test.each([
    [[0x00], 0n],
    [[0x96, 0x01], 150n],
    [[0x80, 0x00], 0n],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffffn],
    [[0x80, 0x80, 0x80, 0x80, 0x10], 0x1_0000_0000n],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 2n ** 64n - 1n],
  ])("%j reads as %s", (bytes, value) => {
    const reader = readerOf(...bytes);
    reader.varint();
    expect((BigInt(reader.high) << 32n) | BigInt(reader.low)).toBe(value);
    expect(reader.position).toBe(bytes.length);
  });

  test.each([
    ["of an eleventh byte", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x01]],
    ["of more than 64 bits", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]],
    ["that is cut off", [0xff, 0xff]],
    ["that is absent", []],
  ])("one %s is refused", (_, bytes) => {
    expect(() => readerOf(...bytes).varint()).toThrow(OtlpDecodeError);
    expect(() => readerOf(...bytes).varintNumber()).toThrow(OtlpDecodeError);
  });
});

describe("bytes that no message can have are refused", () => {
  test.each([
    ["a field number 0", [0x00, 0x00]],
    ["a field number 0 in two bytes", [0x80, 0x00, 0x00]],
    ["wire type 6", [0x0e]],
    ["wire type 7", [0x0f]],
    ["a field number beyond 29 bits", [0x80, 0x80, 0x80, 0x80, 0x10, 0x00]],
    ["a length beyond the message", [0x0a, 0x02, 0x00]],
    ["a length of 2^31 - 1", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ["a length of 2^64 - 1", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ["a fixed64 of 7 bytes", [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ["a fixed32 of 3 bytes", [0x0d, 1, 2, 3]],
    ["a group that ends but never started", [0x0c]],
    ["a group that never ends", [0x0b, 0x08, 0x01]],
    ["a group closed by another field's end", [0x0b, 0x14]],
    ["100,000 nested groups", Array.from({ length: 100_000 }, () => 0x0b)],
  ])("%s", (_, bytes) => {
    expect(() => skipAll(readerOf(...bytes))).toThrow(OtlpDecodeError);
  });
});

test("unknown fields of every wire type are skipped, groups included", () => {
  const reader = readerOf(
    0x08,
    0x96,
    0x01,
    0x11,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0x1a,
    0x01,
    0x41,
    0x23,
    0x08,
    0x01,
    0x2b,
    0x2c,
    0x24,
    0x35,
    1,
    2,
    3,
    4,
  );
  skipAll(reader);
  expect(reader.position).toBe(reader.limit);
});

test("reading stops at the end of a message, even if the buffer continues", () => {
  const reader = readerOf(0x0a, 0x02, 0x12, 0x05, 0x41, 0x42, 0x43, 0x44, 0x45);
  reader.tag();
  reader.enter();
  reader.tag();
  expect(() => reader.string()).toThrow("reaches beyond its message");
});
