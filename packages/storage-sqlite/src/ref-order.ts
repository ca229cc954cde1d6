import type { EntityRef } from "@trinity/aggregation/entity";

/** An order that keeps rows of one kind, and near keys, together: writes in it touch each page of a tree once. */
export function compareRefs(a: EntityRef, b: EntityRef): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
