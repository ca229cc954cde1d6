import type { Chance } from "./clock.ts";

const firstMs = 200;
const mostMs = 20_000;

/**
 * How long to wait before trying again: any time up to a bound that doubles ("full jitter"), so that senders which failed together do not
 * come back together.
 * @param attempt how often it failed before, from 0
 */
export function backoffMs(attempt: number, chance: Chance): number {
  return Math.round(chance() * Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 20)));
}
