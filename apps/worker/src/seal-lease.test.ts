import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readManifest } from "@trinity/columns/manifest";
import { StoreTakenError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { storesOf } from "@trinity/store-factory/stores";
import { expect, onTestFinished, test } from "vitest";
import { openSealLease } from "./seal-lease.ts";

const clock = { nowMs: () => noonMs };
const never = (_: number, signal = AbortSignal.any([])) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("one worker at a time seals the log of a data folder into its segments", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-seal-lease-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const config = { DYNAMODB_ENDPOINT: undefined, AWS_REGION: "eu-west-1", TRINITY_TABLE_PREFIX: "t-" };
  const stores = await storesOf({ TRINITY_STORE: "sqlite", TRINITY_DATA_DIR: dataDir, ...config });
  const store = stores.openEventStore("readwrite");
  onTestFinished(() => store.close());
  await store.append(batchOf([newEvent("a"), newEvent("b")]));
  await foldAll(store, clock.nowMs);
  const segmentsDir = stores.segmentsDir as string;
  const open = () => openSealLease(stores, store, segmentsDir, clock, never);

  const lease = await open();
  await expect(open()).rejects.toBeInstanceOf(StoreTakenError);
  expect(await lease.sealNext(noonMs)).toBe(2);
  expect(await lease.sealNext(noonMs)).toBe(0);
  await lease.close();
  expect(readManifest(segmentsDir)?.throughSeq).toBe(1);
  await (await open()).close();
});
