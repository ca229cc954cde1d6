import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { type S3Server, startS3 } from "@trinity/testing/s3-server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Engine, startEngine } from "../engine/engine.ts";
import { eventTable } from "../event-table.ts";
import { openLogColumns } from "../log-columns.ts";
import { readManifest } from "./manifest.ts";
import { sealNext } from "./seal.ts";
import { openSegmentBucket, type SegmentBucket } from "./segment-bucket.ts";

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let engine: Engine;
let server: S3Server;
const opened: SegmentBucket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "trinity-bucket-"));
  engine = startEngine({ spillDir: join(folder, "spill") });
  server = await startS3(join(folder, "s3"), "segments");
});
afterEach(async () => {
  for (const bucket of opened.splice(0)) bucket.close();
  engine.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const dayMs = 86_400_000;

function bucketAt(endpoint: string): SegmentBucket {
  const bucket = openSegmentBucket({ bucket: "segments", prefix: "trinity-analytics-segments/", region: "eu-west-1", endpoint });
  opened.push(bucket);
  return bucket;
}

async function append(store: EventStore, name: string, days = 2): Promise<void> {
  await store.append(batchOf(Array.from({ length: days }, (_, day) => newEvent(`${name}-${day}`, { timestampMs: noonMs + day * dayMs }))));
  await foldAll(store, () => noonMs);
}

async function seal(store: EventStore, segmentsDir: string, nowMs = Date.now()): Promise<void> {
  while ((await sealNext({ store, engine, segmentsDir, nowMs })) > 0);
}

/** The ids of the events that a machine finds in its segments alone. */
async function idsIn(store: EventStore, segmentsDir: string): Promise<readonly unknown[]> {
  const throughSeq = readManifest(segmentsDir)?.throughSeq ?? 0;
  const columns = openLogColumns({ store, segmentsDir, start: () => engine });
  const statement = (rows: string) => ({ sql: `SELECT eventId FROM ${rows} ORDER BY 1` });
  const [ids = []] =
    (await columns.read({ table: eventTable, throughSeq, ranges: [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }], statement })) ?? [];
  return ids;
}

test("another machine has what was published, and after a merge as well", async () => {
  const store = openMemoryStore();
  const [sealed, read] = [join(folder, "sealed"), join(folder, "read")];
  const [writer, reader] = [bucketAt(server.endpoint), bucketAt(server.endpoint)];
  await reader.pull(read, Date.now());
  expect(await idsIn(store, read)).toEqual([]);
  // The eighth small segment of a day makes a merge.
  for (let step = 0; step < 9; step++) {
    await append(store, `event-${step}`);
    await seal(store, sealed);
    await writer.publish(sealed, Date.now());
    await reader.pull(read, Date.now());
    expect(readManifest(read)).toEqual(readManifest(sealed));
    expect(await idsIn(store, read)).toEqual(await idsIn(store, sealed));
  }
  expect(await idsIn(store, read)).toHaveLength(18);
});

test("a machine that takes over goes on where the last publication ended", async () => {
  const store = openMemoryStore();
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  await append(store, "before");
  await seal(store, first);
  await bucketAt(server.endpoint).publish(first, Date.now());
  // The first seals more, and ends before it has published.
  await append(store, "after");
  await seal(store, first);
  const bucket = bucketAt(server.endpoint);
  await bucket.pull(second, Date.now());
  await seal(store, second);
  await bucket.publish(second, Date.now());
  await bucket.pull(first, Date.now());
  expect(readManifest(first)).toEqual(readManifest(second));
  expect(await idsIn(store, first)).toHaveLength(4);
});

test("a publication that ends at any request leaves the segments of before or these", async () => {
  const store = openMemoryStore();
  const sealed = join(folder, "sealed");
  await append(store, "before");
  await seal(store, sealed);
  await bucketAt(server.endpoint).publish(sealed, Date.now());
  await append(store, "after", 3);
  await seal(store, sealed);
  const seen = new Set<number>();
  for (let requests = 0, isDone = false; !isDone; requests++) {
    const proxy = await proxyTo(server.endpoint, requests);
    isDone = await bucketAt(proxy.endpoint)
      .publish(sealed, Date.now())
      .then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(StoreUnavailableError);
          return false;
        },
      );
    proxy.close();
    const read = join(folder, `read-${requests}`);
    await bucketAt(server.endpoint).pull(read, Date.now());
    const ids = await idsIn(store, read);
    seen.add(ids.length);
    expect([2, 5]).toContain(ids.length);
  }
  expect(seen).toEqual(new Set([2, 5]));
});

test("objects that no manifest names are deleted after a while, those of the manifest never", async () => {
  const store = openMemoryStore();
  const [sealed, read] = [join(folder, "sealed"), join(folder, "read")];
  const bucket = bucketAt(server.endpoint);
  const later = Date.now() + 11 * 60_000;
  for (let step = 0; step < 8; step++) {
    await append(store, `event-${step}`, 1);
    await seal(store, sealed);
    await bucket.publish(sealed, Date.now());
  }
  const objects = () => readdirSync(join(folder, "s3", "segments"), { recursive: true }).filter((name) => `${name}`.includes(".parquet"));
  const before = objects().length;
  await append(store, "late", 1);
  await seal(store, sealed, later);
  await bucket.publish(sealed, later);
  expect(objects().length).toBeLessThan(before);
  await bucket.pull(read, Date.now());
  expect(await idsIn(store, read)).toHaveLength(9);
});

test("any engine reads the objects by day, without our manifest", async () => {
  const store = openMemoryStore();
  const sealed = join(folder, "sealed");
  const read = join(folder, "read");
  const bucket = bucketAt(server.endpoint);
  await append(store, "vote", 3);
  await seal(store, sealed);
  await bucket.publish(sealed, Date.now());
  await bucket.pull(read, Date.now());
  const [days, genres, votes] = await engine.read({
    sql: `SELECT day::VARCHAR, genre, count(*)::INTEGER FROM (
        SELECT DISTINCT eventId, day, vote, genres FROM read_parquet('${read}/event/*/*.parquet', hive_partitioning = true)
        WHERE day >= DATE '2024-01-01' AND eventType = 'vote_content'
      ) CROSS JOIN UNNEST(genres) AS t (genre) GROUP BY 1, 2 ORDER BY 1, 2`,
  });
  const day = (i: number) => new Date(noonMs + i * dayMs).toISOString().slice(0, 10);
  expect([days, genres, votes]).toEqual([
    [day(0), day(1), day(2)],
    ["comedy", "comedy", "comedy"],
    [1, 1, 1],
  ]);
});

test("a bucket that is not there is told by its error", async () => {
  const bucket = openSegmentBucket({ bucket: "elsewhere", prefix: "x/", region: "eu-west-1", endpoint: server.endpoint });
  opened.push(bucket);
  await expect(bucket.pull(join(folder, "read"), 0)).rejects.toThrow(/^the bucket of the segments cannot be used now: NoSuchBucket$/);
});

/** Passes on some requests, and breaks all others. */
async function proxyTo(endpoint: string, requestsMax: number): Promise<{ readonly endpoint: string; close(): void }> {
  const { hostname, port } = new URL(endpoint);
  let requests = 0;
  const proxy: Server = createServer((incoming, outgoing) => {
    if (requests++ >= requestsMax) return void incoming.socket.destroy();
    const { method, url, headers } = incoming;
    const passed = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const close = () => {
    proxy.closeAllConnections();
    proxy.close();
  };
  return { endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, close };
}
