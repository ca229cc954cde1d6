import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { expect, test } from "vitest";
import { watchAppends } from "./append-watch.ts";

const batch = batchOf([newEvent("e")]);

function watched() {
  let nowMs = 1_000;
  let error: Error | null = null;
  const watch = watchAppends(
    { append: async () => (error === null ? { duplicate: [false] } : Promise.reject(error)) },
    { nowMs: () => nowMs },
  );
  return {
    watch,
    fails: (next: Error | null) => void (error = next),
    at: (next: number) => void (nowMs = next),
  };
}

test("an append that fails is not ready until one succeeds, or five seconds pass without another", async () => {
  const { watch, fails, at } = watched();
  expect(await watch.check()).toEqual({ ok: true });
  fails(new StoreUnavailableError("SQLITE_FULL"));
  await expect(watch.append(batch)).rejects.toBeInstanceOf(StoreUnavailableError);
  const timeline: readonly (readonly [atMs: number, act: "append" | "mend" | "none", ok: boolean])[] = [
    [1_000, "none", false],
    [5_999, "none", false],
    [6_000, "none", true],
    [12_000, "append", false],
    [16_000, "append", false],
    [20_999, "none", false],
    [21_000, "none", true],
    [32_000, "append", false],
    [33_000, "mend", true],
    [60_000, "none", true],
  ];
  for (const [atMs, act, ok] of timeline) {
    at(atMs);
    if (act === "mend") fails(null);
    if (act !== "none") await watch.append(batch).catch(() => undefined);
    expect((await watch.check()).ok, `${atMs}`).toBe(ok);
  }
});

test("damage is named by its reason, anything else only as a failed append", async () => {
  const { watch, fails } = watched();
  fails(new DamagedDataError("the log is damaged"));
  await watch.append(batch).catch(() => undefined);
  expect(await watch.check()).toEqual({ ok: false, reason: "the log is damaged" });
  fails(new Error("/a/path"));
  await watch.append(batch).catch(() => undefined);
  expect(await watch.check()).toEqual({ ok: false, reason: "the last append failed" });
});
