import { anEvent, keyOf } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packed } from "../client/packed.ts";
import { idBucketOf } from "./log-index.ts";
import { decodePayload, encodePayload, keyTextOf } from "./payload.ts";

const anyKey = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(keyTextOf);

test("a payload reads back as it was written, for all bytes of its keys", () =>
  fc.assert(
    fc.property(
      fc.array(anyKey, { maxLength: 8 }),
      fc.array(fc.record({ key: anyKey, code: fc.string() }), { maxLength: 4 }),
      (keys, refused) => {
        const payload = { writer: "process.1", keys, events: keys.map((_, i) => anEvent(`event-${i}`)), refused };
        expect(decodePayload(encodePayload(payload))).toEqual(payload);
      },
    ),
  ));

test("a payload with any bit flipped is refused, or reads back as it was written", () => {
  const payload = {
    writer: "process.1",
    keys: ["a", "b"].map((id) => keyTextOf(keyOf(id))),
    events: [anEvent("a"), anEvent("b")],
    refused: [],
  };
  const bytes = encodePayload(payload);
  const read: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const seen = outcomeOf(() => decodePayload(damaged));
    if (seen !== "refused") expect(seen).toEqual(payload);
    if (seen !== "refused") read.push(bit >> 3);
  }
  // One bit of the zstd header has no meaning. No bit of a key reads back.
  expect(read.length).toBeLessThan(2);
  expect(read.every((at) => at >= 4 + 32)).toBe(true);
});

test("a payload of an older release, without checksum, can be read", () => {
  const payload = { writer: "process.1", keys: [keyTextOf(keyOf("a"))], events: [anEvent("a")], refused: [] };
  const before = Buffer.concat([Buffer.from([0, 0, 0, 1]), keyOf("a"), packed([payload.writer, payload.events, []])]);
  expect(decodePayload(before)).toEqual(payload);
});

function outcomeOf<Value>(read: () => Value): Value | "refused" {
  try {
    return read();
  } catch {
    return "refused";
  }
}

test("time-ordered keys of 16 seconds share a bucket, other keys have none", () => {
  const idAt = (atMs: number) => keyTextOf(Buffer.from(`${atMs.toString(16).padStart(12, "0")}7d6a8a510a4f7b7c9d10`, "hex"));
  const startMs = 16_384 * 100_000_000;
  expect(idBucketOf(idAt(startMs))).toBe(idBucketOf(idAt(startMs + 16_383)));
  expect(idBucketOf(idAt(startMs))).not.toBe(idBucketOf(idAt(startMs + 16_384)));
  expect(idBucketOf(keyTextOf(Buffer.from("0198f3c27c1e4d6a8a510a4f7b7c9d10", "hex")))).toBeNull();
  expect(idBucketOf(idAt(0))).toBeNull();
});
