import type { CellKey } from "@trinity/aggregation/cell";
import type { Entity, EntityRef } from "@trinity/aggregation/entity";
import type { Watermark } from "@trinity/aggregation/fold";
import type { Vector } from "@trinity/aggregation/vector";
import { compareCellKeys } from "./cell-order.ts";
import { compareUtf8 } from "./text-order.ts";

/**
 * Key of one row of the derived state: the watermark's counts, an entity, an index row or a cell. Audits store the key as JSON, so the
 * watermark's table keeps its old name, `mark`. Entities come before cells: otherwise new folds would corrupt repaired cells again.
 */
export type StateRowKey =
  | { readonly table: "mark" }
  | ({ readonly table: "entity" } & EntityRef)
  | ({ readonly table: "index" } & EntityRef & { readonly seq: number })
  | ({ readonly table: "cell" } & CellKey);

/** A state row as text: equal rows have equal texts in every store. */
export type StateRow = { readonly key: StateRowKey; readonly content: string };

const tableRank = { mark: 0, entity: 1, index: 2, cell: 3 } as const satisfies Record<StateRowKey["table"], number>;

/** The order in which every store scans its state. */
export function compareStateRowKeys(a: StateRowKey, b: StateRowKey): number {
  if (a.table === "cell" && b.table === "cell") return compareCellKeys(a, b);
  if (a.table === "entity" && b.table === "entity") return compareRefs(a, b);
  if (a.table === "index" && b.table === "index") return compareRefs(a, b) || a.seq - b.seq;
  return tableRank[a.table] - tableRank[b.table];
}

function compareRefs(a: EntityRef, b: EntityRef): number {
  return compareUtf8(a.kind, b.kind) || compareUtf8(a.key, b.key);
}

type WatermarkContent = Pick<Watermark, "users" | "minutesFromMs">;

export function contentOfWatermark({ users, minutesFromMs }: WatermarkContent): string {
  return JSON.stringify({ users, minutesFromMs });
}

/** @param content as `contentOfWatermark` made it */
export function watermarkOfContent(content: string): WatermarkContent {
  return JSON.parse(content) as WatermarkContent;
}

/** @returns JSON pairs of component and amount, in order of component */
export function contentOfVector(vector: ReadonlyMap<number, number>): string {
  return JSON.stringify([...vector].sort(([a], [b]) => a - b));
}

/** @param content as `contentOfVector` made it */
export function vectorOfContent(content: string): Vector {
  return new Map(JSON.parse(content) as readonly (readonly [number, number])[]);
}

/** @returns its JSON with sorted fields */
export function contentOfEntity(entity: Entity): string {
  return JSON.stringify(entity, (_field, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** @param content as `contentOfEntity` made it */
export function entityOfContent(content: string): Entity {
  return JSON.parse(content) as Entity;
}
