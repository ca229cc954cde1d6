import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { startEngine } from "@trinity/columns/engine";
import { readManifest } from "@trinity/columns/manifest";
import { sealNext } from "@trinity/columns/seal";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import { parseStoreConfig } from "@trinity/config/store-config";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { unwrap } from "@trinity/runtime/result";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import { type S3Server, s3Credentials, startS3 } from "@trinity/testing/s3-server";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";
import { sendSimulatedWorld } from "./simulated-world.ts";

const seed = 20_261_124;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const workWithinMs = 120_000;
/** How many questions run at once; the emulator has as many threads as there are processors. */
const asksAtOnce = 4;

const toMs = Math.floor(Date.now() / hourMs) * hourMs;
const fromMs = toMs - 4 * dayMs;
const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;

/** The questions of the README, about the time of this run. */
const furtherQuestions = [
  `/metrics/consensus_rate?by=roomSize&granularity=week&tz=Europe/Madrid&compare=previous&${range}`,
  `/metrics/active_users?window=30&segment=favouriteGenre:comedy%20%26%20!activityTier:heavy&format=csv&${range}`,
  `/explore/events?metric=dropout_rate&part=numerator&${range}`,
  `/users/retention?cohort=week&kind=rolling&${range}`,
  `/rooms/survival?by=seats&${range}`,
];
const questions = [
  ...metricCatalogue.flatMap(({ name }) => [`/metrics/${name}?granularity=day&${range}`]),
  ...metricCatalogue.flatMap((metric) =>
    dimensionsOfMetric(metric).map((dimension) => `/metrics/${metric.name}?granularity=total&by=${dimension}&${range}`),
  ),
  ...furtherQuestions,
];

/** No rollup covers them. */
const questionsOverTheLog = [
  `/metrics/votes?by=genre,platform&filter=mediaType:movie&granularity=day&${range}`,
  `/metrics/events?granularity=day&tz=Asia/Kolkata&${range}`,
  `/metrics/sessions?granularity=day&by=platform,locale&tz=Asia/Kolkata&${range}`,
  `/metrics/votes?segment=favouriteGenre:comedy&granularity=day&${range}`,
  `/rooms/abandonment?${range}`,
];

describe.skipIf(!hasDynamoDbLocal(process.env))("the product on DynamoDB", () => {
  let dynamoDb: DynamoDbLocal;
  let onDynamo: RealProcesses;
  let onSqlite: RealProcesses;
  let worker: ServerProcess;
  let s3: S3Server;
  let s3Dir: string;
  let workerDir: string;
  let storeEnv: Readonly<Record<string, string>>;

  beforeAll(async () => {
    dynamoDb = await startDynamoDbLocal();
    s3Dir = mkdtempSync(join(tmpdir(), "trinity-e2e-s3-"));
    s3 = await startS3(s3Dir, "trinity-segments");
    storeEnv = {
      TRINITY_STORE: "dynamodb",
      DYNAMODB_ENDPOINT: dynamoDb.endpoint,
      TRINITY_TABLE_PREFIX: "e2e-",
      TRINITY_SEGMENT_BUCKET: "trinity-segments",
      TRINITY_SEGMENT_ENDPOINT: s3.endpoint,
      ...s3Credentials,
    };
    workerDir = mkdtempSync(join(tmpdir(), "trinity-e2e-worker-"));
    // The same ids and the same pseudonyms.
    const same = { TRINITY_MAX_EVENT_AGE: "unlimited", TRINITY_PSEUDONYM_KEY: randomBytes(32).toString("hex") };
    const workerEnv = {
      PATH: process.env["PATH"],
      ...storeEnv,
      TRINITY_DATA_DIR: workerDir,
      TRINITY_WORKER_PORT: "0",
      TRINITY_VERIFY_INTERVAL: "1s",
    };
    [onDynamo, onSqlite] = await Promise.all([startRealProcesses({ ...same, ...storeEnv }), startRealProcesses(same)]);
    worker = await serverReady(spawnServer({ script: new URL("../apps/worker/src/main.ts", import.meta.url), env: workerEnv }));
  }, startWithinMs);

  afterAll(async () => {
    await Promise.all([onDynamo?.stop(), onSqlite?.stop(), worker === undefined ? null : stopServer(worker)]);
    await Promise.all([dynamoDb?.stop(), s3?.close()]);
    for (const processes of [onDynamo, onSqlite]) processes?.discard();
    for (const dir of [workerDir, s3Dir]) rmSync(dir, { recursive: true, force: true });
  });

  const urls = () => [onDynamo.ingestUrl, onDynamo.apiUrl, worker.ready["worker"] as string];
  const readiness = () => Promise.all(urls().map(async (url) => (await fetch(`${url}/readyz`)).status));

  async function trinity(...args: readonly string[]): Promise<string> {
    const main = new URL("../apps/cli/src/main.ts", import.meta.url).pathname;
    const env = { PATH: process.env["PATH"], ...storeEnv, TRINITY_DATA_DIR: workerDir };
    return (await promisify(execFile)(process.execPath, [main, ...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  /** The raw answer without the fields that depend on the time and the revision. */
  async function answerOf({ apiUrl, adminKey }: RealProcesses, path: string): Promise<string> {
    const response = await fetch(`${apiUrl}/api/v1${path}`, { headers: { "x-api-key": adminKey } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    return text.replaceAll(/"(asOf|revision)":("[^"]*"|\d+),?/g, "");
  }

  test("no process is ready before the tables exist, and each is once they do", async () => {
    expect(await readiness()).toEqual([503, 503, 503]);
    expect(await trinity("tables", "create")).toContain("created e2e-events");
    expect(await trinity("tables", "create")).toBe("all tables are there\n");
    await expect.poll(readiness, { timeout: 20_000 }).toEqual([200, 200, 200]);
  });

  test("every answer equals SQLite's for the same events, byte by byte", { timeout: workWithinMs }, async () => {
    const world = { seed, fromMs, toMs, scale: 0.1 };
    const sent = await Promise.all([onDynamo, onSqlite].map((processes) => sendSimulatedWorld(processes, world)));
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.events).toBeGreaterThan(500);
    await Promise.all([onDynamo, onSqlite].map((processes) => answerOf(processes, `/metrics/events?fresh=true&${range}`)));
    const left = [...questions];
    const ask = async () => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) {
        const [dynamo, sqlite] = await Promise.all([answerOf(onDynamo, path), answerOf(onSqlite, path)]);
        expect(dynamo, path).toBe(sqlite);
      }
    };
    await Promise.all(Array.from({ length: asksAtOnce }, ask));
  });

  test("questions over the log are answered from segments in a bucket, with the same answers", { timeout: workWithinMs }, async () => {
    const { segments, throughSeq } = await sealIntoBucket();
    expect(segments).toBeGreaterThan(0);
    const pulled = () => readManifest(join(onDynamo.dataDir, "dynamodb-e2e-", "segments"))?.throughSeq;
    await expect.poll(pulled, { timeout: 60_000, interval: 250 }).toBe(throughSeq);
    for (const path of questionsOverTheLog) {
      const [dynamo, sqlite] = await Promise.all([answerOf(onDynamo, path), answerOf(onSqlite, path)]);
      expect(dynamo, path).toBe(sqlite);
    }
  });

  /** Seals as the worker does, which waits until there is more to seal, or ten minutes. */
  async function sealIntoBucket() {
    const stores = await storesOf(unwrap(parseStoreConfig({ ...storeEnv, TRINITY_DATA_DIR: workerDir })));
    const place = stores.segmentBucket as NonNullable<Stores["segmentBucket"]>;
    const [store, bucket] = [stores.openEventStore("readonly"), openSegmentBucket(place)];
    const engine = startEngine({ spillDir: join(workerDir, "spill") });
    try {
      while ((await sealNext({ store, engine, segmentsDir: place.sealedDir, nowMs: Date.now() })) > 0);
      await bucket.publish(place.sealedDir, Date.now());
      const { segments = [], throughSeq } = readManifest(place.sealedDir) ?? {};
      return { segments: segments.length, throughSeq };
    } finally {
      engine.close();
      bucket.close();
      await store.close();
    }
  }

  test("the worker, and the command line with another shadow state, find no difference", { timeout: workWithinMs }, async () => {
    const { throughSeq, differing } = JSON.parse(await trinity("verify", "--json"));
    expect([throughSeq > 0, differing]).toEqual([true, 0]);
    const verified = async () => JSON.parse(await answerOf(onDynamo, "/health/verification"));
    await expect.poll(verified, { timeout: 60_000, interval: 250 }).toMatchObject({ throughSeq, pending: 0, unsettled: 0, repairs: 0 });
  });
});
