import type { InferredSessionRange } from "@trinity/aggregation/entity";
import { inferredSessionKey } from "@trinity/aggregation/inferred-session";

/** The range of instants that the key of an inferred session can contain. */
const lastMs = 999_999_999_999_999;

/**
 * @param range may be open, with infinite ends
 * @returns the first and last key of the user's inferred sessions in the range, and the lowest key that any of the user's can have
 */
export function inferredSessionKeysOf({ userId, fromMs, toMs }: InferredSessionRange): {
  readonly lowest: string;
  readonly from: string;
  readonly to: string;
} {
  const keyAt = (atMs: number) => inferredSessionKey(userId, Math.min(Math.max(0, atMs), lastMs));
  return { lowest: keyAt(0), from: keyAt(fromMs), to: keyAt(toMs) };
}
