import { anEvent, keyOf } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBody, encodeBody, keyTextOf } from "./log-body.ts";
import { stretchOf } from "./log-index.ts";

const anyKey = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(keyTextOf);

test("a body reads back as it was written, whatever bytes its ids have", () =>
  fc.assert(
    fc.property(
      fc.array(anyKey, { maxLength: 8 }),
      fc.array(fc.record({ key: anyKey, code: fc.string() }), { maxLength: 4 }),
      (keys, refused) => {
        const body = { writer: "process.1", keys, events: keys.map((_, i) => anEvent(`event-${i}`)), refused };
        expect(decodeBody(encodeBody(body))).toEqual(body);
      },
    ),
  ));

test("a body of which a byte was changed is not read", () => {
  const bytes = encodeBody({ writer: "process.1", keys: [keyTextOf(keyOf("a"))], events: [anEvent("a")], refused: [] });
  const damaged = bytes.slice();
  damaged[damaged.length - 6] = (damaged[damaged.length - 6] as number) ^ 1;
  expect(() => decodeBody(damaged)).toThrow();
});

test("ids that begin with their time lie together by stretches of time, others alone", () => {
  const idAt = (atMs: number) => keyTextOf(Buffer.from(`${atMs.toString(16).padStart(12, "0")}7d6a8a510a4f7b7c9d10`, "hex"));
  const startMs = 16_384 * 100_000_000;
  expect(stretchOf(idAt(startMs))).toBe(stretchOf(idAt(startMs + 16_383)));
  expect(stretchOf(idAt(startMs))).not.toBe(stretchOf(idAt(startMs + 16_384)));
  expect(stretchOf(keyTextOf(Buffer.from("0198f3c27c1e4d6a8a510a4f7b7c9d10", "hex")))).toBeNull();
  expect(stretchOf(idAt(0))).toBeNull();
});
