import type { Cell } from "@trinity/aggregation/cell";
import type { EntityRef, EntityWrite } from "@trinity/aggregation/entity";
import { decodeEntity, encodeEntity, storedKindOf } from "@trinity/aggregation/entity-kind";
import type { Watermark } from "@trinity/aggregation/fold";
import type { FoldTime } from "@trinity/storage/event-store";
import { auditText } from "@trinity/storage/repair-step";
import { entityOfContent, refOfStored, type StoredRef, vectorOfContent } from "@trinity/storage/state-row";
import { splitVector } from "@trinity/storage/vector-shards";
import type { BucketCheck, BucketKey, Repair, RepairRecord } from "@trinity/storage/verification-store";
import { cellPageRef, cellPartitionKey, partitionOfBucket } from "./cell-page.ts";
import { entityPageRef } from "./entity-page.ts";
import { packed, unpacked } from "./packed.ts";
import type { PageChange } from "./page.ts";
import { idOfBucket, statusPageRef } from "./status-page.ts";

/** One change of the state, as it is written down: what it does to each page follows from it alone. */
export type StateStep =
  | {
      readonly kind: "fold";
      readonly to: Watermark;
      readonly foldTime: FoldTime | null;
      readonly entities: readonly EntityWrite[];
      readonly cells: readonly Cell[];
      readonly index: readonly (EntityRef & { readonly seq: number })[];
      /** Buckets in which nothing is left. */
      readonly emptied: readonly BucketKey[];
    }
  | { readonly kind: "repair"; readonly to: Watermark; readonly atMs: number; readonly repairs: readonly PlacedRepair[] }
  | { readonly kind: "check"; readonly atMs: number; readonly checks: readonly BucketCheck[] };

/** With the shards in which a cell lay, whatever was believed of it. */
export type PlacedRepair = Repair & { readonly shards: readonly number[] };

type StoredWrite = StoredRef & { readonly value: unknown };
type StoredFold = Omit<StateStep & { readonly kind: "fold" }, "entities" | "cells"> & {
  readonly entities: readonly StoredWrite[];
  readonly cells: readonly StoredCell[];
};
type StoredStep = StoredFold | Exclude<StateStep, { readonly kind: "fold" }>;
type StoredCell = [set: string, tier: Cell["tier"], bucketMs: number, value: string, amounts: number[]];

export function encodeStep(step: StateStep): Uint8Array {
  if (step.kind !== "fold") return packed(step);
  const cells = step.cells.map(({ set, tier, bucketMs, value, vector }): StoredCell => [set, tier, bucketMs, value, [...vector].flat()]);
  const entities = step.entities.map(({ kind, key, value }): StoredWrite => {
    return { kind: storedKindOf(kind), key, value: value === null ? null : encodeEntity(kind, value) };
  });
  return packed({ ...step, entities, cells });
}

/** @throws when the bytes are not those that `encodeStep` made */
export function decodeStep(bytes: Uint8Array): StateStep {
  const step = unpacked(bytes) as StoredStep;
  if (step.kind !== "fold") return step;
  return { ...step, entities: step.entities.map(writeOf), cells: step.cells.map(cellOf) };
}

function writeOf({ value, ...stored }: StoredWrite): EntityWrite {
  const ref = refOfStored(stored);
  return { ...ref, value: value === null ? null : decodeEntity(ref.kind, value) };
}

function cellOf([set, tier, bucketMs, value, amounts]: StoredCell): Cell {
  const vector = new Map<number, number>();
  for (let i = 0; i < amounts.length; i += 2) vector.set(amounts[i] as number, amounts[i + 1] as number);
  return { set, tier, bucketMs, value, vector };
}

/** @returns what a step does to pages, in order */
export function pageChangesOf(step: StateStep, entityShards: number): readonly PageChange[] {
  switch (step.kind) {
    case "fold":
      return changesOfFold(step, entityShards);
    case "repair":
      return step.repairs.flatMap((repair) => changesOfRepair(repair, step.to.revision, step.atMs, entityShards));
    case "check":
      return step.checks.map((check) =>
        erased({ page: statusPageRef(check), change: { change: "check" as const, ...check, atMs: step.atMs } }),
      );
  }
}

/** @returns keys of the partitions in which it changes cells */
export function cellPartitionsOf(step: StateStep): ReadonlySet<string> {
  const cells =
    step.kind === "fold"
      ? step.cells
      : step.kind === "repair"
        ? step.repairs.flatMap(({ key }) => (key.table === "cell" ? [key] : []))
        : [];
  return new Set(cells.map(({ set, tier, bucketMs }) => cellPartitionKey(partitionOfBucket(set, tier, bucketMs))));
}

export function repairRecordsOf(step: StateStep): readonly RepairRecord[] {
  if (step.kind !== "repair") return [];
  return step.repairs.map(({ key, stored, derived }) => ({ key, stored: auditText(stored), derived: auditText(derived), atMs: step.atMs }));
}

function changesOfFold(step: StateStep & { readonly kind: "fold" }, shards: number): readonly PageChange[] {
  const emptied = new Set(step.emptied.map(idOfBucket));
  const touched = new Map(step.cells.map((cell) => [idOfBucket(cell), cell]));
  const { revision } = step.to;
  return [
    ...step.entities.map((write) => erased({ page: entityPageRef(write, shards), change: { change: "entity" as const, ...write } })),
    ...step.index.map((line) => erased({ page: entityPageRef(line, shards), change: { change: "line" as const, ...line, isThere: true } })),
    ...step.cells.flatMap(changesOfCell),
    ...[...touched].map(([id, { set, tier, bucketMs }]) => {
      const change = { change: "touch" as const, set, tier, bucketMs, revision, hasCells: !emptied.has(id) };
      return erased({ page: statusPageRef({ tier, bucketMs }), change });
    }),
  ];
}

function changesOfCell({ value, vector, ...key }: Cell): readonly PageChange[] {
  const shards = [...splitVector(vector)];
  return shards.map(([shard, part]) =>
    erased({ page: cellPageRef(key, shard), change: { change: "add" as const, set: key.set, value, vector: part } }),
  );
}

function changesOfRepair(
  { key, derived, shards: was }: PlacedRepair,
  revision: number,
  atMs: number,
  shards: number,
): readonly PageChange[] {
  switch (key.table) {
    case "mark":
      return [];
    case "entity": {
      const ref = refOfStored(key);
      const value = derived === null ? null : entityOfContent(ref.kind, derived);
      return [erased({ page: entityPageRef(ref, shards), change: { change: "entity" as const, ...ref, value } })];
    }
    case "index": {
      const { kind, key: of, seq } = key;
      return [
        erased({ page: entityPageRef(key, shards), change: { change: "line" as const, kind, key: of, seq, isThere: derived !== null } }),
      ];
    }
    case "cell": {
      const { set, tier, bucketMs, value } = key;
      const parts = splitVector(vectorOfContent(derived ?? "[]"));
      const cell = [...new Set([...was, ...parts.keys()])].map((shard) =>
        erased({ page: cellPageRef(key, shard), change: { change: "set" as const, set, value, vector: parts.get(shard) ?? new Map() } }),
      );
      const watermark = erased({ page: statusPageRef(key), change: { change: "repaired" as const, set, tier, bucketMs, revision, atMs } });
      return [...cell, watermark];
    }
  }
}

function erased<Content, Change>({ page, change }: PageChange<Content, Change>): PageChange {
  return { page, change } as unknown as PageChange;
}
