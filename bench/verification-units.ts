import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import { startEngine } from "@trinity/columns/engine";
import { openLogColumns } from "@trinity/columns/log-columns";
import { sealNext } from "@trinity/columns/seal";
import { startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import type { ShadowState } from "@trinity/storage/shadow-state";
import { CapacityMeter, type CapacityUse } from "@trinity/storage-dynamodb/client/capacity-meter";
import type { DynamoSettings } from "@trinity/storage-dynamodb/client/dynamo";
import { createTables } from "@trinity/storage-dynamodb/create-tables";
import { openDynamoStore } from "@trinity/storage-dynamodb/dynamo-event-store";
import { openMemoryShadowState } from "@trinity/verification/memory-shadow-state";
import { Recounting } from "@trinity/verification/recounting";
import { unthrottled } from "@trinity/verification/replay";
import { verificationCycle } from "@trinity/verification/verification-cycle";
import { batches, keyOf, liveTraffic, noUnits, perEvent, sumOf } from "./capacity.ts";
import { trafficRange } from "./dashboard-traffic.ts";

export type VerificationSettings = {
  readonly seed: number;
  /** Before the first cycle, over ten days. */
  readonly events: number;
  /** Between the two cycles, on the day after. */
  readonly laterEvents: number;
  /** Events a commit of the log, and a fold. */
  readonly batchEvents: number;
};

/** What some work consumed, an event of the log by then. */
export type WorkUnits = { readonly work: string; readonly events: number; readonly byTag: Readonly<Record<string, CapacityUse>> };

const days = 10;

/** Verifies a store on DynamoDB Local, once without segments and once with them, and adds up the capacity units that were consumed. */
export async function measureVerification(settings: VerificationSettings): Promise<readonly WorkUnits[]> {
  const traffic = trafficOf(settings);
  const local = await startDynamoDbLocal();
  const at = (tablePrefix: string) => ({ endpoint: local.endpoint, region: "eu-west-1", tablePrefix });
  try {
    const unsealed = await measureCycles(at("unsealed-"), traffic, settings.batchEvents, false);
    return [...unsealed, ...(await measureCycles(at("sealed-"), traffic, settings.batchEvents, true))];
  } finally {
    await local.stop();
  }
}

/** @returns the units an event, in Markdown */
export function verificationTable(measured: readonly WorkUnits[]): string {
  const row = (name: string, cells: readonly string[]) => `| ${[name, ...cells].join(" | ")} |`;
  const units = ({ readUnits, writeUnits }: CapacityUse) => `${readUnits.toFixed(3)} / ${writeUnits.toFixed(3)}`;
  const tags = [...new Set(measured.flatMap(({ byTag }) => Object.keys(byTag)))].sort();
  const works = measured.map(({ work }) => work);
  const totals = measured.map(({ byTag }) => units(sumOf(Object.values(byTag))));
  return [
    "Read / write units an event of the log:",
    "",
    row("part", works),
    `|---|${"---:|".repeat(works.length)}`,
    ...tags.map((tag) =>
      row(
        tag,
        measured.map(({ byTag }) => units(byTag[tag] ?? noUnits)),
      ),
    ),
    row("all", totals),
    row(
      "events",
      measured.map(({ events }) => `${events}`),
    ),
  ].join("\n");
}

type Traffic = { readonly before: readonly StoredEvent[]; readonly later: readonly StoredEvent[] };

/** The last day is yesterday: DynamoDB removes minutes of five days ago by its own clock. */
function trafficOf({ seed, events, laterEvents }: VerificationSettings): Traffic {
  const laterFromMs = bucketStart("day", Date.now()) - tierMs.day;
  const laterByMs = laterFromMs - days * tierMs.day - trafficRange.fromMs;
  const before: StoredEvent[] = [];
  const later: StoredEvent[] = [];
  for (const { timestampMs, ...fields } of liveTraffic(seed, (events * 1_000) / (days * tierMs.day))) {
    const event = { ...fields, timestampMs: timestampMs + laterByMs, receivedAtMs: timestampMs + laterByMs };
    if (event.timestampMs < laterFromMs) before.push(event);
    else if (bucketStart("day", event.timestampMs) === laterFromMs && later.push(event) === laterEvents) break;
  }
  return { before, later };
}

async function measureCycles(
  tables: DynamoSettings,
  { before, later }: Traffic,
  batchEvents: number,
  isSealed: boolean,
): Promise<readonly WorkUnits[]> {
  await createTables({ ...tables, pause: (ms) => pause(ms) });
  const segmentsDir = mkdtempSync(join(tmpdir(), "trinity-verification-"));
  const shadowState = openMemoryShadowState();
  const measured: WorkUnits[] = [];
  let events = 0;
  const measure = async (work: string, use: (store: EventStore) => Promise<void>) => {
    measured.push({ work, events, byTag: await unitsOf(tables, events, use) });
  };
  try {
    for (const [name, added] of [
      ["first", before],
      ["later", later],
    ] as const) {
      await write(tables, added, batchEvents);
      events += added.length;
      const pending = await readPendingDays(tables);
      if (isSealed) await measure(`sealing before the ${name} cycle`, (store) => sealAll(store, segmentsDir));
      await measure(`${name} cycle${isSealed ? ", sealed" : ""}, ${pending} days changed`, (store) =>
        verify(store, shadowState, isSealed ? segmentsDir : null),
      );
    }
    return measured;
  } finally {
    rmSync(segmentsDir, { recursive: true });
  }
}

/** Through a store of its own, so that nothing read before is cached. */
async function unitsOf(tables: DynamoSettings, events: number, use: (store: EventStore) => Promise<void>): Promise<WorkUnits["byTag"]> {
  const meter = new CapacityMeter();
  const store = openDynamoStore({ ...tables, meter });
  try {
    await use(store);
  } finally {
    await store.close();
  }
  return Object.fromEntries([...meter.byTag()].map(([tag, use]) => [tag, perEvent(use, events)]));
}

async function write(tables: DynamoSettings, events: readonly StoredEvent[], batchEvents: number): Promise<void> {
  const store = openDynamoStore(tables);
  try {
    for (const batch of batches(events, batchEvents, events.length)) {
      const atMs = (batch.at(-1) as StoredEvent).timestampMs;
      await store.append({ receivedAtMs: atMs, events: batch.map((event) => ({ key: keyOf(event), event })), rejections: [] });
      await foldAll(store, () => atMs);
    }
  } finally {
    await store.close();
  }
}

async function readPendingDays(tables: DynamoSettings): Promise<number> {
  const store = openDynamoStore(tables);
  try {
    return (await store.readPendingDays()).length;
  } finally {
    await store.close();
  }
}

async function sealAll(store: EventStore, segmentsDir: string): Promise<void> {
  const engine = startEngine({ spillDir: join(segmentsDir, "spill") });
  try {
    while ((await sealNext({ store, engine, segmentsDir, nowMs: Date.now() })) > 0);
  } finally {
    engine.close();
  }
}

/** A cycle as the worker runs it. The bucket takes no part: the worker recounts from the folder that it seals into. */
async function verify(store: EventStore, shadowState: ShadowState, segmentsDir: string | null): Promise<void> {
  const columns = segmentsDir === null ? null : openLogColumns({ store, segmentsDir });
  const recounting = columns === null ? undefined : new Recounting(columns);
  try {
    const report = await verificationCycle(store, shadowState, { nowMs: Date.now, throttle: unthrottled, recounting });
    const { differing, repaired, disputed, recounted } = report;
    const isClean = differing + repaired + disputed.length === 0 && (recounted !== null) === (columns !== null);
    if (!isClean)
      throw new Error(`the cycle was not clean: ${JSON.stringify({ differing, repaired, disputed: disputed.length, recounted })}`);
  } finally {
    columns?.close();
  }
}
