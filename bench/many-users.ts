import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { MetricAnswer } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import type { Watermark } from "@trinity/aggregation/fold";
import type { Vector } from "@trinity/aggregation/vector";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { createHttpClient } from "@trinity/testing/http-client";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { SingleBar } from "cli-progress";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { trafficRange } from "./dashboard-traffic.ts";
import { processUsage } from "./process-usage.ts";

const sliceUsers = 1_000_000;
const activeShare = 0.3;
const { fromMs, toMs } = trafficRange;

export type ManyUsers = {
  readonly users: number;
  readonly activeADay: number;
  /** Memory of the API process: before the question, and the maximum until the answer. */
  readonly restMiB: number;
  readonly peakMiB: number;
  readonly firstMs: number;
  readonly nextMs: number;
};

/**
 * Asks the API for the users of the 30 days that end with each of 30 days, of a product with so many users of whom three in ten are active on
 * any day. The cells are written as folds write them, without events.
 * @throws {Error} when the answer differs from the written cells
 */
export async function measureManyUsers(users: number): Promise<ManyUsers> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-users-"));
  try {
    const store = openSqliteStore({ dataDir, mode: "readwrite" });
    const expected = await fill(store, users).finally(() => store.close());
    return { users, ...(await ask(dataDir, expected)) };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

type Expected = { readonly firstDay: number; readonly ever: number };

async function fill(store: EventStore, users: number): Promise<Expected> {
  await store.headSeq();
  let from: Watermark = await store.readWatermark();
  let firstDay = 0;
  const bar = new SingleBar({ format: "days of users {bar} {percentage}% {eta_formatted} left", stream: process.stderr });
  bar.start(((toMs - fromMs) / tierMs.day) * users, 0);
  for (let bucketMs = fromMs; bucketMs < toMs; bucketMs += tierMs.day) {
    for (let first = 0; first < users; first += sliceUsers) {
      const vector: Vector = new Map();
      const last = Math.min(users, first + sliceUsers);
      for (let user = first; user < last; user++) if (isActive(user, bucketMs)) vector.set(user, 1 + (user % 40));
      const to: Watermark = { ...from, revision: from.revision + 1, users };
      const cell = { set: "user_activity", tier: "day", bucketMs, value: "", vector } as const;
      await store.commitFold({ from, to, foldedAtMs: toMs, entities: [], cells: [cell], index: [] });
      from = to;
      if (bucketMs === fromMs) firstDay += vector.size;
      bar.increment(last - first);
    }
  }
  bar.stop();
  let ever = 0;
  for (let user = 0; user < users; user++) if (isEverActive(user)) ever += 1;
  return { firstDay, ever };
}

/** Whether a user is active on a day: pseudo-random, and the same at each call. */
function isActive(user: number, dayMs: number): boolean {
  let mixed = Math.imul(user + 1, 2_654_435_761) ^ Math.imul(dayMs / tierMs.day, 40_503);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32 < activeShare;
}

function isEverActive(user: number): boolean {
  for (let dayMs = fromMs; dayMs < toMs; dayMs += tierMs.day) if (isActive(user, dayMs)) return true;
  return false;
}

async function ask(dataDir: string, expected: Expected): Promise<Omit<ManyUsers, "users">> {
  const api = await serverReady(spawnServer(apiServer(dataDir, process.env)));
  const client = createHttpClient(api.ready["api"] as string, 1, benchAdminKey);
  try {
    const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    const path = `/api/v1/metrics/active_users?${new URLSearchParams({ ...range, granularity: "day", window: "30" })}`;
    const timed = async () => {
      const startMs = performance.now();
      const { status, text } = await client.get(path);
      if (status !== 200) throw new Error(`${status} ${text}`);
      return { ms: performance.now() - startMs, answer: JSON.parse(text) as MetricAnswer };
    };
    const { peakMiB: restMiB } = processUsage(api.pid);
    const { ms: firstMs, answer } = await timed();
    const values = answer.series[0]?.points.map(({ value }) => value) ?? [];
    if (values[0] !== expected.firstDay || values.at(-1) !== expected.ever)
      throw new Error(`${values[0]} and ${values.at(-1)} users, not ${expected.firstDay} and ${expected.ever}`);
    let nextMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 5; i++) nextMs = Math.min(nextMs, (await timed()).ms);
    return { activeADay: expected.firstDay, restMiB, peakMiB: processUsage(api.pid).peakMiB, firstMs, nextMs };
  } finally {
    client.close();
    await stopServer(api);
  }
}
