/** Rollups are kept in three tiers of half-open UTC buckets; longer buckets are sums of these. */
export type Tier = "minute" | "hour" | "day";

export const tierMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const satisfies Record<Tier, number>;

/** Coarsest first: the order in which a range is covered. */
export const tiersCoarsestFirst: readonly Tier[] = ["day", "hour", "minute"];

/** @returns the start of the bucket of an instant */
export function bucketStart(tier: Tier, atMs: number): number {
  return Math.floor(atMs / tierMs[tier]) * tierMs[tier];
}
