import type { Tier } from "@trinity/aggregation/bucket";
import type { CellKey } from "@trinity/aggregation/cell";
import { compareUtf8 } from "./text-order.ts";

/** The rank of a tier in the order of cells: the finest is first. */
export const tierRank = { minute: 0, hour: 1, day: 2 } as const satisfies Record<Tier, number>;

export const tiersByRank = ["minute", "hour", "day"] as const satisfies readonly Tier[];

/** Orders dimension sets by name, then tiers by rank. */
export function compareTables(a: Pick<CellKey, "set" | "tier">, b: Pick<CellKey, "set" | "tier">): number {
  return compareUtf8(a.set, b.set) || tierRank[a.tier] - tierRank[b.tier];
}

/** The order in which every store scans its cells. */
export function compareCellKeys(a: CellKey, b: CellKey): number {
  return compareTables(a, b) || a.bucketMs - b.bucketMs || compareUtf8(a.value, b.value);
}
