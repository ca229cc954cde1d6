import { expect, test } from "vitest";
import { CorruptChunkError } from "./chunk-body.ts";
import { StoreUnavailableError } from "./event-store.ts";
import { storeCheck } from "./store-check.ts";

test("a store that answers is ready", async () => {
  expect(await storeCheck(async () => 7)).toEqual({ ok: true });
});

test("damage is reported by its reason", async () => {
  const damaged = storeCheck(() => Promise.reject(new CorruptChunkError(9, "is missing")));
  expect(await damaged).toEqual({ ok: false, reason: "chunk 9 of the log is missing; restore the log from a copy" });
});

test("unavailability is reported by its message", async () => {
  const full = storeCheck(() => Promise.reject(new StoreUnavailableError("the disk is full (SQLITE_FULL)")));
  expect(await full).toEqual({ ok: false, reason: "the disk is full (SQLITE_FULL)" });
});

test("any other error is thrown on", async () => {
  const failure = new Error("no such user: ana@example.org");
  await expect(storeCheck(() => Promise.reject(failure))).rejects.toBe(failure);
});
