import type { Cell } from "@trinity/aggregation/cell";
import type { EntityWrite } from "@trinity/aggregation/entity";
import { decodeEntity, encodeEntity, storedKindOf } from "@trinity/aggregation/entity-kind";
import type { IndexRow, Watermark } from "@trinity/aggregation/fold";
import type { FoldTime } from "@trinity/storage/event-store";
import { auditText } from "@trinity/storage/repair-step";
import { entityOfContent, refOfStored, type StoredRef, vectorOfContent } from "@trinity/storage/state-row";
import { splitVector } from "@trinity/storage/vector-shards";
import type { BucketCheck, BucketKey, Repair, RepairRecord } from "@trinity/storage/verification-store";
import { packed, unpacked } from "../client/packed.ts";
import { cellPageRef, cellPartitionKey, partitionOfBucket } from "./cell-page.ts";
import { entityPageRef, isOfUser } from "./entity-page.ts";
import type { PageChange } from "./page.ts";
import { idOfBucket, statusPageRef } from "./status-page.ts";

/** One logged change of the state (a record of the write-ahead log). The changes of pages follow from it alone. Field names are stored, but for `matches`. */
export type StateDelta =
  | {
      readonly kind: "fold";
      readonly to: Watermark;
      readonly foldTime: FoldTime | null;
      readonly entities: readonly EntityWrite[];
      readonly cells: readonly Cell[];
      readonly index: readonly IndexRow[];
      /** Buckets whose last cell it removes. */
      readonly emptied: readonly BucketKey[];
    }
  | { readonly kind: "repair"; readonly to: Watermark; readonly atMs: number; readonly repairs: readonly RepairWithShards[] }
  | { readonly kind: "check"; readonly atMs: number; readonly checks: readonly BucketCheck[] };

/** `shards`: those that contained the cell before the repair. */
export type RepairWithShards = Repair & { readonly shards: readonly number[] };

type StoredCheck = Omit<BucketCheck, "matches"> & { readonly right: boolean };
type StoredCell = [set: string, tier: Cell["tier"], bucketMs: number, value: string, amounts: number[]];

type StoredWrite = StoredRef & { readonly value: unknown };
type StoredFold = Omit<StateDelta & { readonly kind: "fold" }, "entities" | "cells"> & {
  readonly entities: readonly StoredWrite[];
  readonly cells: readonly StoredCell[];
};
type StoredDelta =
  | StoredFold
  | (StateDelta & { readonly kind: "repair" })
  | { readonly kind: "check"; readonly atMs: number; readonly checks: readonly StoredCheck[] };

export function encodeDelta(delta: StateDelta): Uint8Array {
  if (delta.kind === "check") return packed({ ...delta, checks: delta.checks.map(storedCheck) });
  if (delta.kind !== "fold") return packed(delta);
  const cells = delta.cells.map(({ set, tier, bucketMs, value, vector }): StoredCell => [set, tier, bucketMs, value, [...vector].flat()]);
  const entities = delta.entities.map(({ kind, key, value }): StoredWrite => {
    return { kind: storedKindOf(kind), key, value: value === null ? null : encodeEntity(kind, value) };
  });
  return packed({ ...delta, entities, cells });
}

/** @throws when the bytes are not from `encodeDelta` */
export function decodeDelta(bytes: Uint8Array): StateDelta {
  const delta = unpacked(bytes) as StoredDelta;
  if (delta.kind === "check") return { ...delta, checks: delta.checks.map(checkOfStored) };
  if (delta.kind !== "fold") return delta;
  const index = delta.index.filter(({ kind }) => isOfUser(kind));
  return { ...delta, entities: delta.entities.map(writeOf), cells: delta.cells.map(cellOf), index };
}

function writeOf({ value, ...stored }: StoredWrite): EntityWrite {
  const ref = refOfStored(stored);
  return { ...ref, value: value === null ? null : decodeEntity(ref.kind, value) };
}

function storedCheck({ matches: right, ...check }: BucketCheck): StoredCheck {
  return { ...check, right };
}

function checkOfStored({ right: matches, ...check }: StoredCheck): BucketCheck {
  return { ...check, matches };
}

function cellOf([set, tier, bucketMs, value, amounts]: StoredCell): Cell {
  const vector = new Map<number, number>();
  for (let i = 0; i < amounts.length; i += 2) vector.set(amounts[i] as number, amounts[i + 1] as number);
  return { set, tier, bucketMs, value, vector };
}

/** @returns the changes of pages, in order */
export function pageChangesOf(delta: StateDelta, entityShards: number): readonly PageChange[] {
  switch (delta.kind) {
    case "fold":
      return changesOfFold(delta, entityShards);
    case "repair":
      return delta.repairs.flatMap((repair) => changesOfRepair(repair, delta.to.revision, delta.atMs, entityShards));
    case "check":
      return delta.checks.map((check) =>
        erased({ page: statusPageRef(check), change: { change: "check" as const, ...check, atMs: delta.atMs } }),
      );
  }
}

/** @returns keys of the partitions whose cells it changes */
export function cellPartitionsOf(delta: StateDelta): ReadonlySet<string> {
  const cells =
    delta.kind === "fold"
      ? delta.cells
      : delta.kind === "repair"
        ? delta.repairs.flatMap(({ key }) => (key.table === "cell" ? [key] : []))
        : [];
  return new Set(cells.map(({ set, tier, bucketMs }) => cellPartitionKey(partitionOfBucket(set, tier, bucketMs))));
}

export function repairRecordsOf(delta: StateDelta): readonly RepairRecord[] {
  if (delta.kind !== "repair") return [];
  return delta.repairs.map(({ key, stored, derived }) => ({
    key,
    stored: auditText(stored),
    derived: auditText(derived),
    atMs: delta.atMs,
  }));
}

function changesOfFold(delta: StateDelta & { readonly kind: "fold" }, shards: number): readonly PageChange[] {
  const emptied = new Set(delta.emptied.map(idOfBucket));
  const touched = new Map(delta.cells.map((cell) => [idOfBucket(cell), cell]));
  const { revision } = delta.to;
  return [
    ...delta.entities.map((write) => erased({ page: entityPageRef(write, shards), change: { change: "entity" as const, ...write } })),
    ...delta.index.map((row) =>
      erased({ page: entityPageRef(row, shards), change: { change: "indexRow" as const, ...row, exists: true } }),
    ),
    ...delta.cells.flatMap(changesOfCell),
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
  { key, derived, shards: shardsBefore }: RepairWithShards,
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
      if (!isOfUser(kind)) return [];
      return [
        erased({ page: entityPageRef(key, shards), change: { change: "indexRow" as const, kind, key: of, seq, exists: derived !== null } }),
      ];
    }
    case "cell": {
      const { set, tier, bucketMs, value } = key;
      const parts = splitVector(vectorOfContent(derived ?? "[]"));
      const cell = [...new Set([...shardsBefore, ...parts.keys()])].map((shard) =>
        erased({ page: cellPageRef(key, shard), change: { change: "set" as const, set, value, vector: parts.get(shard) ?? new Map() } }),
      );
      const status = erased({ page: statusPageRef(key), change: { change: "repaired" as const, set, tier, bucketMs, revision, atMs } });
      return [...cell, status];
    }
  }
}

function erased<Content, Change>({ page, change }: PageChange<Content, Change>): PageChange {
  return { page, change } as unknown as PageChange;
}
