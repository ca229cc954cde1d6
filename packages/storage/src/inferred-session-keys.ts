import type { InferredSessionRange } from "@trinity/aggregation/entity";
import { inferredSessionKey } from "@trinity/aggregation/inferred-session";

/** The instants that the key of a run can tell. */
const lastMs = 999_999_999_999_999;

/**
 * @param range may be open, with infinite ends
 * @returns the keys from and to which its runs lie, and the lowest key that any run of the user may have
 */
export function inferredSessionKeysOf({ userId, fromMs, toMs }: InferredSessionRange): {
  readonly lowest: string;
  readonly from: string;
  readonly to: string;
} {
  const keyAt = (atMs: number) => inferredSessionKey(userId, Math.min(Math.max(0, atMs), lastMs));
  return { lowest: keyAt(0), from: keyAt(fromMs), to: keyAt(toMs) };
}
