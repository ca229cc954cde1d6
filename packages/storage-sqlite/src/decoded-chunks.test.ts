import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { encodeChunk } from "@trinity/storage/chunk-body";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { expect, test } from "vitest";
import { DecodedChunks } from "./decoded-chunks.ts";

const chunkOf = (seq: number, ...ids: readonly string[]): LogChunk => ({
  seq,
  receivedAtMs: noonMs,
  receipts: [],
  events: ids.map((id) => newEvent(id).event),
});

test("the same bytes are decoded once", () => {
  const chunks = new DecodedChunks();
  const body = encodeChunk(chunkOf(1, "a"));
  const first = chunks.chunkOf(1, body);
  expect(first).toEqual(chunkOf(1, "a"));
  expect(chunks.chunkOf(1, Uint8Array.from(body))).toBe(first);
});

test("bytes that changed are decoded anew, and damage is found", () => {
  const chunks = new DecodedChunks();
  const body = encodeChunk(chunkOf(1, "a"));
  chunks.chunkOf(1, body);
  expect(chunks.chunkOf(1, encodeChunk(chunkOf(1, "b")))).toEqual(chunkOf(1, "b"));
  const damaged = Uint8Array.from(body);
  damaged[20] = (damaged[20] as number) ^ 1;
  expect(() => chunks.chunkOf(1, damaged)).toThrow("chunk 1 of the log is damaged");
});

test("no more events are kept than fit: the chunk that was read longest ago goes first", () => {
  const chunks = new DecodedChunks(6);
  const bodies = [1, 2, 3].map((seq) => encodeChunk(chunkOf(seq, "a", "b")));
  const read = (seq: number) => chunks.chunkOf(seq, bodies[seq - 1] as Uint8Array);
  const [first, second] = [read(1), read(2)];
  expect(read(1)).toBe(first);
  read(3);
  expect(read(1)).toBe(first);
  expect(read(2)).not.toBe(second);
});

test("after ten minutes a chunk is decoded anew, for what is kept with it to be found anew", () => {
  let nowMs = 1_000;
  const chunks = new DecodedChunks(6, { now: () => nowMs });
  const body = encodeChunk(chunkOf(1, "a"));
  const first = chunks.chunkOf(1, body);
  nowMs += 599_000;
  expect(chunks.chunkOf(1, body)).toBe(first);
  nowMs += 2_000;
  expect(chunks.chunkOf(1, body)).not.toBe(first);
});
