import type { TableName } from "@trinity/storage-dynamodb/tables";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { partitionUnits } from "./partition-heat.ts";

/** Keys with the same write pattern. */
export type KeyKind = {
  readonly kind: string;
  readonly table: TableName;
  /**
   * The pattern of writes: to a number of keys at once; to as many keys as entities have shards; all to one key, which soon changes;
   * or each to a key of its own.
   */
  readonly over: number | "entity shards" | "one after the other" | "keys of their own";
  /** Write units a second, at so many events a second. */
  readonly units: (eventsPerSecond: number) => number;
  /** With spread sort keys, the writes of one key can be split; with ascending ones, all go to the last partition. */
  readonly sortKeys: "spread" | "ascending";
};

export type HeatSettings = {
  readonly seed: number;
  readonly eventsPerSecond: number;
  readonly entityShards: number;
  /** The number of layouts: hashes decide which keys share a partition, differently in each table. */
  readonly layouts: number;
};

/** One table: means of the layouts, and the hottest partition of the worst one. */
export type TableHeat = {
  readonly table: TableName;
  readonly units: number;
  readonly partitions: number;
  readonly hottestKey: { readonly kind: string; readonly units: number };
  readonly before: Strain;
  /** Once hot partitions have been split, between their keys and by sort key. */
  readonly after: Strain;
};

type Strain = {
  /** Units a second of the hottest partition: mean and most. */
  readonly hottestMean: number;
  readonly hottestMax: number;
  /** Share of the table's units beyond the limits of partitions. */
  readonly throttled: number;
};

type Key = { readonly kind: string; readonly at: number; readonly units: number; readonly sortKeys: KeyKind["sortKeys"] };

/** Events of a chunk, and the maximum rate of slots in the log: one a round trip. */
const [eventsAChunk, chunksPerSecondMax] = [500, 150];
const chunksPerSecond = (eventsPerSecond: number) => Math.min(eventsPerSecond / eventsAChunk, chunksPerSecondMax);
const foldsPerSecond = 1.25;
const each = (unitsAnEvent: number) => (eventsPerSecond: number) => eventsPerSecond * unitsAnEvent;

/**
 * Units an event that `npm run bench -- capacity` measured at 500 events a second, 500 a commit. Pages of titles and cells are assumed to grow with
 * the rate, although their number is limited: the result is an upper bound.
 */
export const measuredKinds: readonly KeyKind[] = [
  { kind: "piece", table: "events", over: "keys of their own", units: each(0.0716), sortKeys: "ascending" },
  { kind: "entry", table: "events", over: "one after the other", units: chunksPerSecond, sortKeys: "ascending" },
  // Seventeen bytes an id: the process that completes a block writes its index.
  { kind: "ids", table: "events", over: "one after the other", units: each(17 / 1_024), sortKeys: "ascending" },
  { kind: "user", table: "users", over: "entity shards", units: each(0.0349), sortKeys: "spread" },
  { kind: "session", table: "users", over: "entity shards", units: each(0.0354), sortKeys: "spread" },
  { kind: "title", table: "content", over: "entity shards", units: each(0.0392), sortKeys: "spread" },
  { kind: "room", table: "rooms", over: "entity shards", units: each(0.0082), sortKeys: "spread" },
  { kind: "cells", table: "rollups", over: 76, units: each(0.0088), sortKeys: "spread" },
  { kind: "cells", table: "system", over: 15, units: each(0.0022), sortKeys: "spread" },
  // Put and removed.
  { kind: "step", table: "state", over: 16, units: each(0.099), sortKeys: "ascending" },
  { kind: "manifest", table: "state", over: 1, units: () => 2 * foldsPerSecond, sortKeys: "ascending" },
];

/** A new on-demand table allows 4,000 write units a second from the start. */
const partitionsMin = 4;
/** After a peak it allows twice as much. */
const headroom = 2;
/** Items of one key that are written at the same time. */
const ownKeys = 64;

/** @returns each table, the hottest first */
export function simulateHeat(kinds: readonly KeyKind[], settings: HeatSettings): readonly TableHeat[] {
  const { seed, eventsPerSecond, layouts } = settings;
  const random = seededChoice(seed);
  const tables = [...Map.groupBy(kinds, ({ table }) => table)].map(([table, ofTable]): TableHeat => {
    const units = ofTable.reduce((sum, { units: unitsOf }) => sum + unitsOf(eventsPerSecond), 0);
    const partitions = Math.max(partitionsMin, Math.ceil((headroom * units) / partitionUnits));
    const laidOut = Array.from({ length: layouts }, () => ofTable.flatMap((kind) => keysOf(kind, settings, random)));
    const hottestKey = (laidOut[0] as readonly Key[]).reduce((hottest, key) => (key.units > hottest.units ? key : hottest));
    return {
      table,
      units,
      partitions,
      hottestKey: { kind: hottestKey.kind, units: hottestKey.units },
      before: strainOf(
        laidOut.map((keys) => placed(keys, partitions)),
        units,
      ),
      after: strainOf(
        laidOut.map((keys) => placed(keys, partitions).flatMap(splitPartition)),
        units,
      ),
    };
  });
  return tables.sort((a, b) => b.before.hottestMean - a.before.hottestMean);
}

const entityShardsMax = 256;

/**
 * @returns the fewest shards, a power of two, with which less than one unit of a thousand is throttled before anything is split; null where
 * not even `entityShardsMax` are enough
 */
export function entityShardsNeeded(kinds: readonly KeyKind[], settings: Omit<HeatSettings, "entityShards">): number | null {
  const ofEntities = kinds.filter(({ over }) => over === "entity shards");
  for (let entityShards = 1; entityShards <= entityShardsMax; entityShards *= 2) {
    const tables = simulateHeat(ofEntities, { ...settings, entityShards });
    if (tables.every(({ before }) => before.throttled < 0.001)) return entityShards;
  }
  return null;
}

function keysOf({ kind, over, units, sortKeys }: KeyKind, settings: HeatSettings, random: SeededChoice): readonly Key[] {
  const { eventsPerSecond, entityShards } = settings;
  const whole = units(eventsPerSecond);
  const count =
    over === "entity shards" ? entityShards : over === "keys of their own" ? ownKeys : over === "one after the other" ? 1 : over;
  return Array.from({ length: count }, () => ({ kind, at: random.unit(), units: whole / count, sortKeys }));
}

/** Each partition takes an equal range of the hash. */
function placed(keys: readonly Key[], partitions: number): readonly (readonly Key[])[] {
  const byPartition: Key[][] = Array.from({ length: partitions }, () => []);
  for (const key of keys) byPartition[Math.floor(key.at * partitions)]?.push(key);
  return byPartition;
}

/** Splits partitions that are too hot, between keys or inside one, as long as that helps. */
function splitPartition(keys: readonly Key[]): readonly (readonly Key[])[] {
  if (unitsOf(keys) <= partitionUnits) return [keys];
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    if (only.sortKeys === "ascending") return [keys];
    const half = [{ ...only, units: only.units / 2 }];
    return [...splitPartition(half), ...splitPartition(half)];
  }
  const inOrder = [...keys].sort((a, b) => a.at - b.at);
  const middle = Math.ceil(inOrder.length / 2);
  return [...splitPartition(inOrder.slice(0, middle)), ...splitPartition(inOrder.slice(middle))];
}

function strainOf(layouts: readonly (readonly (readonly Key[])[])[], units: number): Strain {
  const hottest = layouts.map((partitions) => Math.max(...partitions.map(unitsOf)));
  const beyond = layouts.map((partitions) => partitions.reduce((sum, keys) => sum + Math.max(0, unitsOf(keys) - partitionUnits), 0));
  return { hottestMean: meanOf(hottest), hottestMax: Math.max(...hottest), throttled: units === 0 ? 0 : meanOf(beyond) / units };
}

function unitsOf(keys: readonly Key[]): number {
  return keys.reduce((sum, { units }) => sum + units, 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
