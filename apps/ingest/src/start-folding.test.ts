import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { expect, onTestFinished, test } from "vitest";
import { startFolding } from "./folding.ts";

test("the fold runs beside what takes events, and ends when it is told to, once everything is folded", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-start-folding-"));
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await store.append(batchOf([newEvent("a")]));
  const config = { TRINITY_STORE: "sqlite", TRINITY_DATA_DIR: dataDir, AWS_REGION: "", TRINITY_TABLE_PREFIX: "" } as const;
  const died: unknown[] = [];
  const folding = startFolding({ store: config, restMs: 1, idleMs: 3_600_000 }, { nowMs: () => 0 }, (error) => died.push(error));
  await folding.stop(3_600_000);
  expect([(await store.readWatermark()).seq, died]).toEqual([1, []]);
});
