import { unknownValue } from "../dimension.ts";
import { bestGroup } from "../statistics/best-group.ts";
import { fitBetaPrior } from "../statistics/beta-binomial.ts";
import type { BetaShape } from "../statistics/beta-distribution.ts";

/** Rooms of one size that ended, and how many of them in consensus. */
export type SizedRooms = { readonly roomSize: string; readonly consensus: number; readonly rooms: number };

/** What is known of the consensus rate of a size: the posterior mean and its 95 % credible interval. */
type SizeEstimate = SizedRooms & {
  readonly value: number;
  readonly interval: readonly [number, number];
  /** The chance that no other size has a higher true rate. */
  readonly probabilityBest: number;
};

export type BestRoomSize = {
  readonly best: SizeEstimate;
  readonly sizes: readonly SizeEstimate[];
  /** Beta(a, b), fitted to the sizes themselves. */
  readonly prior: BetaShape;
};

/** @returns the size of which rooms agree most often, as far as can be told; `null` while no room of a known size has ended */
export function bestRoomSize(sizes: readonly SizedRooms[]): BestRoomSize | null {
  const known = sizes.filter(({ roomSize, rooms }) => roomSize !== unknownValue && rooms > 0);
  const groups = known.map(({ roomSize, consensus, rooms }) => ({ key: roomSize, successes: consensus, trials: rooms }));
  const prior = fitBetaPrior(groups);
  const found = bestGroup(groups, prior);
  if (found === null) return null;
  const estimates = found.groups.map(({ key, successes, trials, mean, low, high, probabilityBest }) => ({
    roomSize: key,
    consensus: successes,
    rooms: trials,
    value: mean,
    interval: [low, high] as const,
    probabilityBest,
  }));
  return { best: estimates[found.groups.indexOf(found.best)] as SizeEstimate, sizes: estimates, prior };
}
