import { setTimeout as pause } from "node:timers/promises";
import { type FoldStep, fold, foldInputOf } from "@trinity/aggregation/fold";
import { encodeVector } from "@trinity/aggregation/vector-codec";
import { startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import type { CapacityUse } from "@trinity/storage-dynamodb/client/capacity-meter";
import { createTables } from "@trinity/storage-dynamodb/create-tables";
import { openDynamoStore } from "@trinity/storage-dynamodb/dynamo-event-store";
import { type Layout, standardLayout } from "@trinity/storage-dynamodb/layout";
import { dashboardTraffic, trafficRange } from "./dashboard-traffic.ts";
import { HeatMeter, type KeyHeat } from "./partition-heat.ts";

export type CapacitySettings = {
  readonly seed: number;
  /** Measured events. */
  readonly events: number;
  /** Events a commit of the log. */
  readonly batchEvents: number;
  /** Events a second; each second's events are folded at its end. */
  readonly eventsPerSecond: number;
  readonly layout?: Partial<Layout>;
};

export type CapacityReport = {
  readonly settings: CapacitySettings;
  readonly byTag: Readonly<Record<string, CapacityUse>>;
  readonly total: CapacityUse;
  /** The hottest partition keys of each kind. */
  readonly heat: readonly KeyHeat[];
  /** The same events with an item for each id, entity and cell, written in transactions: computed from sizes, by the rules of DynamoDB. */
  readonly rowByRow: { readonly writeUnits: number; readonly byTag: Readonly<Record<string, number>> };
};

const users = 200_000;

/** Sends realistic traffic through the store on DynamoDB Local and adds up the consumed capacity units that it reports, an event. */
export async function measureCapacity(settings: CapacitySettings): Promise<CapacityReport> {
  const { events, batchEvents, eventsPerSecond, seed, layout } = settings;
  const local = await startDynamoDbLocal();
  const tables = { endpoint: local.endpoint, region: "eu-west-1", tablePrefix: "capacity-" };
  await createTables({ ...tables, pause: (ms) => pause(ms) });
  const meter = new HeatMeter();
  const store = openDynamoStore({ ...tables, meter, layout: { ...standardLayout, ...layout } });
  const rows = new RowByRow();
  try {
    let unfolded = 0;
    for (const batch of batches(liveTraffic(seed, eventsPerSecond), batchEvents, events)) {
      const atMs = (batch.at(-1) as StoredEvent).timestampMs;
      meter.nowMs = atMs;
      await store.append({ receivedAtMs: atMs, events: batch.map((event) => ({ key: keyOf(event), event })), rejections: [] });
      unfolded += batch.length;
      if (unfolded < eventsPerSecond) continue;
      await foldCounted(store, atMs, rows);
      unfolded = 0;
    }
    await store.close();
  } finally {
    await local.stop();
  }
  const byTag = Object.fromEntries([...meter.byTag()].map(([tag, use]) => [tag, perEvent(use, events)]));
  return { settings, byTag, total: sumOf(Object.values(byTag)), heat: meter.heat(eventsPerSecond), rowByRow: rows.perEvent(events) };
}

async function foldCounted(store: EventStore, nowMs: number, rows: RowByRow): Promise<void> {
  const watermark = await store.readWatermark();
  const chunks = await store.readChunks(watermark.seq, 12_000);
  const events = chunks.flatMap(({ events: ofChunk }) => ofChunk);
  const input = foldInputOf(chunks);
  const step = fold(input, await store.readEntities(input.named.reads()), watermark, nowMs);
  rows.count(events, step);
  if ((await store.commitFold(step)) !== "committed") throw new Error("nobody else folds here");
}

/** The writes of a design with rows: an item each, two units a kilobyte in a transaction. */
class RowByRow {
  readonly #units = { log: 0, ids: 0, index: 0, entities: 0, cells: 0 };

  count(events: readonly StoredEvent[], { entities, cells, index }: FoldStep): void {
    for (const event of events) this.#units.log += kilobytes(Buffer.byteLength(JSON.stringify(event)));
    this.#units.ids += events.length;
    this.#units.index += index.length;
    for (const { value } of entities) this.#units.entities += 2 * kilobytes(Buffer.byteLength(JSON.stringify(value)));
    for (const { vector } of cells) this.#units.cells += 2 * kilobytes(encodeVector(vector).length);
  }

  perEvent(events: number): CapacityReport["rowByRow"] {
    const byTag = Object.fromEntries(Object.entries(this.#units).map(([tag, units]) => [tag, units / events]));
    return { byTag, writeUnits: Object.values(byTag).reduce((sum, units) => sum + units, 0) };
  }
}

/** Names and keys of an item take some 60 bytes. */
function kilobytes(bytes: number): number {
  return Math.ceil((bytes + 60) / 1_024);
}

/** The busy month at so many events a second, from its beginning. */
export function* liveTraffic(seed: number, eventsPerSecond: number): Generator<StoredEvent> {
  for (const event of dashboardTraffic({ seed, events: eventsPerSecond * 86_400 * 30, users })) {
    if (event.timestampMs >= trafficRange.fromMs) yield event;
  }
}

export function* batches(traffic: Iterable<StoredEvent>, size: number, events: number): Generator<readonly StoredEvent[]> {
  let batch: StoredEvent[] = [];
  let left = events;
  for (const event of traffic) {
    batch.push(event);
    left -= 1;
    if (batch.length === size || left === 0) {
      yield batch;
      batch = [];
    }
    if (left === 0) return;
  }
}

export function keyOf({ eventId }: StoredEvent): Buffer {
  return Buffer.from(eventId.replaceAll("-", ""), "hex");
}

export const noUnits: CapacityUse = { readUnits: 0, writeUnits: 0 };

export function sumOf(uses: readonly CapacityUse[]): CapacityUse {
  return uses.reduce(
    (sum, { readUnits, writeUnits }) => ({ readUnits: sum.readUnits + readUnits, writeUnits: sum.writeUnits + writeUnits }),
    noUnits,
  );
}

export function perEvent({ readUnits, writeUnits }: CapacityUse, events: number): CapacityUse {
  return { readUnits: readUnits / events, writeUnits: writeUnits / events };
}
