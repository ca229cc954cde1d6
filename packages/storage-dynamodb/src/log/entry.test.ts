import { CorruptChunkError } from "@trinity/storage/chunk-body";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Item } from "../client/dynamo.ts";
import { entryOfItem, itemOfEntry, type LogEntry } from "./entry.ts";

const anyCount = fc.nat({ max: 1_000_000 });
const anyEntry: fc.Arbitrary<LogEntry> = fc.record({
  seq: fc.integer({ min: 1, max: 1_000_000 }),
  writer: fc.string(),
  receivedAtMs: anyCount,
  receipts: fc.array(
    fc.record({
      source: fc.string(),
      outcome: fc.constantFrom("stored", "duplicate", "rejected") as fc.Arbitrary<LogEntry["receipts"][number]["outcome"]>,
      reason: fc.option(fc.string()),
      count: anyCount,
    }),
    { maxLength: 3 },
  ),
  events: anyCount,
  repeated: fc.array(anyCount, { maxLength: 3 }),
  spans: fc.array(fc.record({ day: anyCount, firstMs: anyCount, lastMs: anyCount }), { maxLength: 3 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 8 }).map((data) => ({ data })),
    fc.record({ token: fc.string(), pieces: fc.integer({ min: 1, max: 9 }) }),
  ),
});

test("an entry reads back as it was written, also one of an older release without checksum", () =>
  fc.assert(
    fc.property(anyEntry, (entry) => {
      const { sum, ...before } = itemOfEntry(entry);
      expect(entryOfItem({ ...before, sum })).toEqual(entry);
      expect(entryOfItem(before as Item)).toEqual(entry);
    }),
  ));

test("an entry with any attribute but the payload changed is damaged, and so is one in another slot", () =>
  fc.assert(
    fc.property(anyEntry, fc.nat(), (entry, at) => {
      const item = itemOfEntry(entry);
      const names = Object.keys(item).filter((name) => !["pk", "data"].includes(name));
      const name = names[at % names.length] as string;
      const value = item[name];
      const changed = typeof value === "number" ? value + 1 : name === "sk" ? "000000000000" : `${value as string} `;
      expect(() => entryOfItem({ ...item, [name]: changed })).toThrow(CorruptChunkError);
    }),
  ));

test("an entry of an older release with broken JSON is damaged", () => {
  const item = { pk: "entry#000000000000", sk: "000000000007", writer: "w", at: 1, n: 0, told: "[[],[", data: new Uint8Array() };
  expect(() => entryOfItem(item)).toThrow("chunk 7 of the log has a damaged entry");
});
