import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { encodeVector } from "@trinity/aggregation/vector-codec";
import type { StoredEvent } from "@trinity/events/event";
import { positionsOf } from "@trinity/events/event-order";
import type { EventStore } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { SingleBar } from "cli-progress";
import { type DashboardTraffic, dashboardTraffic, trafficRange } from "./dashboard-traffic.ts";

/** A store on disk, and the time and bytes of filling it. */
export type DashboardStore = {
  readonly dataDir: string;
  readonly traffic: DashboardTraffic;
  readonly eventsPerSecond: number;
  /** Of that, folding alone. */
  readonly foldedPerSecond: number;
  /** By file of the store. */
  readonly bytesPerEvent: Readonly<Record<string, number>>;
};

const cacheDir = new URL("../.cache/bench-queries/", import.meta.url).pathname;
const builtFile = "built.json";
const batchEvents = 1_000;
const eventsToFold = 12_000;

const migrations = ["log", "state"].map((name) => new URL(`../packages/storage-sqlite/drizzle/${name}/`, import.meta.url));

/** @returns the store with this traffic: an earlier one, or a new one */
export async function dashboardStore(traffic: DashboardTraffic): Promise<DashboardStore> {
  const dataDir = join(cacheDir, `${versionOfStores()}-${traffic.seed}-${traffic.users}-${traffic.events}`);
  if (!existsSync(join(dataDir, builtFile))) await build(dataDir, traffic);
  return { ...(JSON.parse(readFileSync(join(dataDir, builtFile), "utf8")) as DashboardStore), dataDir };
}

/** The inputs of a store: the measures, the traffic, the tables and the bytes of vectors. A store with other inputs is not reused. */
function versionOfStores(): string {
  const hash = createHash("sha256").update(JSON.stringify(measures.map(({ name, sets }) => [name, sets])));
  for (const events of batchesOf(dashboardTraffic({ seed: 1, events: 1_000, users: 100 }))) hash.update(JSON.stringify(events));
  for (const folder of migrations) for (const name of readdirSync(folder).sort()) hash.update(name);
  for (const step of [3, 9]) hash.update(encodeVector(new Map(Array.from({ length: 2_000 }, (_, i) => [i * step, i + 1]))));
  return hash.digest("hex").slice(0, 12);
}

async function build(dataDir: string, traffic: DashboardTraffic): Promise<void> {
  const unfinishedDir = `${dataDir}.unfinished`;
  rmSync(unfinishedDir, { recursive: true, force: true });
  mkdirSync(unfinishedDir, { recursive: true, mode: 0o700 });
  const bar = new SingleBar({ format: "{events} events {bar} {percentage}% {eta_formatted} left", stream: process.stderr });
  bar.start(traffic.events + traffic.users, 0, { events: traffic.events });
  const store = openSqliteStore({ dataDir: unfinishedDir, mode: "readwrite" });
  const startMs = performance.now();
  let foldMs = 0;
  try {
    foldMs = await fill(store, traffic, (done) => bar.update(done));
  } finally {
    bar.stop();
    await store.close();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const built: DashboardStore = {
    dataDir,
    traffic,
    eventsPerSecond: traffic.events / seconds,
    foldedPerSecond: traffic.events / (foldMs / 1_000),
    bytesPerEvent: Object.fromEntries(
      readdirSync(unfinishedDir).map((name) => [name, statSync(join(unfinishedDir, name)).size / traffic.events]),
    ),
  };
  writeFileSync(join(unfinishedDir, builtFile), JSON.stringify(built));
  renameSync(unfinishedDir, dataDir);
}

/** Appends and folds in turn, as ingest does, with the end of the traffic as the present. @returns how long folding took */
async function fill(store: EventStore, traffic: DashboardTraffic, progress: (events: number) => void): Promise<number> {
  let foldMs = 0;
  let done = 0;
  let waiting = 0;
  const foldAll = async () => {
    const startMs = performance.now();
    while ((await foldNext(store, trafficRange.toMs)) > 0);
    foldMs += performance.now() - startMs;
    progress((done += waiting));
    waiting = 0;
  };
  for (const events of batchesOf(dashboardTraffic(traffic))) {
    await store.append({ receivedAtMs: events[0]?.timestampMs as number, events: events.map(keyed), rejections: [] });
    waiting += events.length;
    if (waiting >= eventsToFold) await foldAll();
  }
  await foldAll();
  return foldMs;
}

function keyed(event: StoredEvent) {
  return { key: Buffer.from(event.eventId.replaceAll("-", ""), "hex"), event };
}

function* batchesOf(events: Iterable<StoredEvent>): Generator<readonly StoredEvent[]> {
  let batch: StoredEvent[] = [];
  for (const event of events) {
    if (batch.push(event) < batchEvents) continue;
    yield withPositions(batch);
    batch = [];
  }
  if (batch.length > 0) yield withPositions(batch);
}

/** As ingest stores the events of one request. */
function withPositions(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const [first] = events;
  if (first === undefined) return [];
  const batch = keyed(first).key.readUInt32BE(12);
  const positions = positionsOf(events, [...events.keys()], batch);
  return events.map((event, i) => (positions[i] === undefined ? event : { ...event, position: positions[i] }));
}
