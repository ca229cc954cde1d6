import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreConfig } from "@trinity/config/store-config";
import type { StoredEvent } from "@trinity/events/event";
import { foldEventsMax } from "@trinity/storage/fold-log";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startFolding } from "./folding.ts";

/** By the fold's own clock this has not waited yet, so it rests. */
const receivedAtMs = Date.UTC(2100, 0, 1);
const waitedMs = 5_000;
const clock = { nowMs: () => receivedAtMs + waitedMs };
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "trinity-folding-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function sqliteIn(folder: string): StoreConfig {
  return { TRINITY_STORE: "sqlite", TRINITY_DATA_DIR: folder, AWS_REGION: "eu-west-1", TRINITY_TABLE_PREFIX: "trinity-analytics-" };
}

/** Two chunks that are too large to be folded together. */
async function fillLog(): Promise<void> {
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  for (const chunk of [1, 2]) {
    const events = Array.from({ length: 0.6 * foldEventsMax }, (_, i) => newEvent(chunk * foldEventsMax + i));
    await store.append({ receivedAtMs, events, rejections: [] });
  }
  await store.close();
}

function newEvent(serial: number) {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(serial, 12);
  const event: StoredEvent = {
    eventId: `e${serial}`,
    eventType: "screen_view",
    timestampMs: receivedAtMs,
    receivedAtMs,
    userId: null,
    roomId: null,
    sessionId: null,
    properties: { screen: "home" },
    context: {},
    source: { system: "app" },
  };
  return { key, event };
}

test("the lag is that of the oldest commit that waits, also when others were folded since", async () => {
  await fillLog();
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  // Rests so long between two folds that the second chunk waits for the end of the test.
  const folding = startFolding({ store: sqliteIn(dataDir), restMs: 3_600_000, idleMs: 10 }, clock, () => {});
  folding.wake(1);
  await vi.waitFor(async () => expect((await store.readWatermark()).seq).toBe(1), { timeout: 20_000 });
  await vi.waitFor(() => expect(folding.lagMs()).toBe(waitedMs), { timeout: 20_000 });
  await store.close();
  await folding.stop(0);
});

test("once everything is folded there is no lag", async () => {
  await fillLog();
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  const folding = startFolding({ store: sqliteIn(dataDir), restMs: 1, idleMs: 10 }, clock, () => {});
  await vi.waitFor(async () => expect((await store.readWatermark()).seq).toBe(2), { timeout: 20_000 });
  await vi.waitFor(() => expect(folding.lagMs()).toBe(0), { timeout: 20_000 });
  await store.close();
  await folding.stop(20_000);
});

test("what takes events is held up for a moment while the fold is behind, and not at all while it is near", async () => {
  await fillLog();
  const folding = startFolding({ store: sqliteIn(dataDir), restMs: 3_600_000, idleMs: 10 }, clock, () => {});
  await folding.waitForFold();
  await vi.waitFor(() => expect(folding.lagMs()).toBe(waitedMs), { timeout: 20_000 });
  let held = true;
  const kept = folding.waitForFold().then(() => (held = false));
  await Promise.resolve();
  expect(held).toBe(true);
  await kept;
  await folding.stop(0);
});
