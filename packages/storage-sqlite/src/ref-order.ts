import type { EntityRef } from "@trinity/aggregation/entity";

/** Order of kind and key. Writes in this order touch each page of a tree once. */
export function compareRefs(a: EntityRef, b: EntityRef): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
