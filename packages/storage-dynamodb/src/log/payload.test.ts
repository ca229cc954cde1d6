import { anEvent, keyOf } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packed } from "../client/packed.ts";
import { stretchOf } from "./log-index.ts";
import { decodeBody, encodeBody, keyTextOf } from "./payload.ts";

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

test("a body of which any bit was changed is not read, or as it was written", () => {
  const body = {
    writer: "process.1",
    keys: ["a", "b"].map((id) => keyTextOf(keyOf(id))),
    events: [anEvent("a"), anEvent("b")],
    refused: [],
  };
  const bytes = encodeBody(body);
  const read: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const seen = outcomeOf(() => decodeBody(damaged));
    if (seen !== "refused") expect(seen).toEqual(body);
    if (seen !== "refused") read.push(bit >> 3);
  }
  // A bit of the frame's header means nothing. None of the ids is among them.
  expect(read.length).toBeLessThan(2);
  expect(read.every((at) => at >= 4 + 32)).toBe(true);
});

test("a body that was written before its ids had a checksum is read as it is", () => {
  const body = { writer: "process.1", keys: [keyTextOf(keyOf("a"))], events: [anEvent("a")], refused: [] };
  const before = Buffer.concat([Buffer.from([0, 0, 0, 1]), keyOf("a"), packed([body.writer, body.events, []])]);
  expect(decodeBody(before)).toEqual(body);
});

function outcomeOf<Value>(read: () => Value): Value | "refused" {
  try {
    return read();
  } catch {
    return "refused";
  }
}

test("ids that begin with their time lie together by stretches of time, others alone", () => {
  const idAt = (atMs: number) => keyTextOf(Buffer.from(`${atMs.toString(16).padStart(12, "0")}7d6a8a510a4f7b7c9d10`, "hex"));
  const startMs = 16_384 * 100_000_000;
  expect(stretchOf(idAt(startMs))).toBe(stretchOf(idAt(startMs + 16_383)));
  expect(stretchOf(idAt(startMs))).not.toBe(stretchOf(idAt(startMs + 16_384)));
  expect(stretchOf(keyTextOf(Buffer.from("0198f3c27c1e4d6a8a510a4f7b7c9d10", "hex")))).toBeNull();
  expect(stretchOf(idAt(0))).toBeNull();
});
