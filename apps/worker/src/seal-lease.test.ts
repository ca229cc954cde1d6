import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readManifest } from "@trinity/columns/manifest";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import { StoreTakenError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { storesOf } from "@trinity/store-factory/stores";
import { startS3 } from "@trinity/testing/s3-server";
import { expect, onTestFinished, test } from "vitest";
import { openSealLease } from "./seal-lease.ts";

const clock = { nowMs: () => noonMs };
const never = (_: number, signal = AbortSignal.any([])) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("what a worker seals is published, and another worker goes on from there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-seal-bucket-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const s3 = await startS3(join(folder, "s3"), "segments");
  onTestFinished(() => s3.close());
  const bucket = openSegmentBucket({ bucket: "segments", prefix: "t-segments/", region: "eu-west-1", endpoint: s3.endpoint });
  onTestFinished(() => bucket.close());
  const stores = await storesOf({
    TRINITY_STORE: "sqlite",
    TRINITY_DATA_DIR: join(folder, "data"),
    AWS_REGION: "eu-west-1",
    TRINITY_TABLE_PREFIX: "t-",
  });
  const store = stores.openEventStore("readwrite");
  onTestFinished(() => store.close());
  for (const [machine, seq] of [
    ["first", 1],
    ["second", 2],
  ] as const) {
    await store.append(batchOf([newEvent(machine)]));
    await foldAll(store, clock.nowMs);
    const lease = await openSealLease(stores, store, { segmentsDir: join(folder, machine), bucket }, clock, never);
    expect(await lease.sealNext(noonMs)).toBe(1);
    await lease.close();
    await bucket.pull(join(folder, "read"), noonMs);
    expect(readManifest(join(folder, "read"))?.throughSeq).toBe(seq);
  }
});

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
  const open = () => openSealLease(stores, store, { segmentsDir, bucket: null }, clock, never);

  const lease = await open();
  await expect(open()).rejects.toBeInstanceOf(StoreTakenError);
  expect(await lease.sealNext(noonMs)).toBe(2);
  expect(await lease.sealNext(noonMs)).toBe(0);
  await lease.close();
  expect(readManifest(segmentsDir)?.throughSeq).toBe(1);
  await (await open()).close();
});
