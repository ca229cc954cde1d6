import type { CellKey } from "@trinity/aggregation/cell";
import type { EntityRef } from "@trinity/aggregation/entity";
import { decodeEntity, type Entity, type EntityKind, encodeEntity, kindOfStored, storedKindOf } from "@trinity/aggregation/entity-kind";
import type { IndexRow, Watermark } from "@trinity/aggregation/fold";
import type { Vector } from "@trinity/aggregation/vector";
import { compareCellKeys } from "./cell-order.ts";
import { compareUtf8 } from "./text-order.ts";

/** An entity, by the name that its kind has in stored rows. */
export type StoredRef = { readonly kind: string; readonly key: string };

export function storedRefOf({ kind, key }: EntityRef): StoredRef {
  return { kind: storedKindOf(kind), key };
}

/** @throws {TypeError} for a name that no kind has */
export function refOfStored({ kind: storedKind, key }: StoredRef): EntityRef {
  const kind = kindOfStored(storedKind);
  if (kind === undefined) throw new TypeError("no kind of entity has this name in stored rows");
  return { kind, key };
}

/**
 * Key of one row of the derived state: the watermark's counts, an entity, an index row or a cell. Audits store the key as JSON, so the
 * watermark's table keeps its old name, `mark`. Old audits also have index rows of kind `session` and `room`. Entities come before cells: otherwise new folds would corrupt repaired cells again.
 */
export type StateRowKey =
  | { readonly table: "mark" }
  | ({ readonly table: "entity" } & StoredRef)
  | ({ readonly table: "index" } & IndexRow)
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

function compareRefs(a: StoredRef, b: StoredRef): number {
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

/** @returns the entity as it is stored: its JSON, with the properties of each object in order */
export function contentOfEntity(kind: EntityKind, entity: Entity): string {
  return contentOfStored(encodeEntity(kind, entity));
}

/** @param stored an entity as a row has it, sound or not */
export function contentOfStored(stored: unknown): string {
  return JSON.stringify(stored, (_field, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** @param content as `contentOfEntity` made it */
export function entityOfContent(kind: EntityKind, content: string): Entity {
  return decodeEntity(kind, JSON.parse(content));
}
