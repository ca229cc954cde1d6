import { endOfRoom, type Room, type RoomEnding } from "../entities/room.ts";
import { type Proportion, proportionOf } from "../proportion.ts";
import { falseDiscoveryAdjusted } from "../statistics/false-discovery.ts";
import { type ProportionDifference, proportionDifference } from "../statistics/two-proportions.ts";
import type { BestRoomSize } from "./best-room-size.ts";
import { stepsOf } from "./room-funnel.ts";

/** What is found to go together with rooms that fail, and what it rests on. */
export type RoomAdvice = {
  readonly finding: "seats_never_fill" | "size_far_from_optimal" | "silent_dropouts" | "titles_exhausted";
  readonly advice: string;
  /** The share that is compared: of rooms that ended in consensus, or that closed without one. */
  readonly metric: "consensus_rate" | "no_consensus_rate";
  /** Which rooms the finding is about, in words. */
  readonly about: string;
  readonly share: Proportion;
  readonly comparedWith: Proportion & { readonly about: string };
  /** `share` less `comparedWith`. */
  readonly difference: ProportionDifference & { readonly adjustedPValue: number };
  /** The rooms that the finding is about. */
  readonly rooms: number;
  /** How many of them would have ended otherwise at the rate of those they are compared with: what the advice is ranked by. */
  readonly roomsAtStake: number;
};

type Share = { successes: number; trials: number };
type Comparison = Pick<RoomAdvice, "finding" | "advice" | "metric" | "about"> & {
  readonly comparedWith: string;
  readonly these: Share;
  readonly others: Share;
};

/** Two kinds of rooms of which the first is expected to fare worse. */
type Rule = Omit<Comparison, "these" | "others"> & {
  /** @returns which of the two a room is; `null` for one that the rule says nothing about */
  readonly sideOf: (room: Room, usualTitles: number) => "these" | "others" | null;
};

const rules: readonly Rule[] = [
  {
    finding: "seats_never_fill",
    advice: "Offer fewer seats, or remind those invited until the seats are taken: a match needs as many likes as there are seats.",
    metric: "consensus_rate",
    about: "rooms whose seats never filled",
    comparedWith: "rooms whose seats filled",
    sideOf: (room) => (room.seats === null ? null : stepsOf(room).seats_filled ? "others" : "these"),
  },
  {
    finding: "silent_dropouts",
    advice: "Remind silent members, or let a room go on without them.",
    metric: "consensus_rate",
    about: "rooms of two members or more of whom one fell silent before the end",
    comparedWith: "rooms of two members or more of whom none fell silent",
    sideOf: (room) => {
      if (room.counts.members < 2) return null;
      const endMs = endOfRoom(room).atMs;
      const fellSilent = room.departures.some(([, { silentAtMs }]) => silentAtMs !== undefined && silentAtMs < endMs);
      return fellSilent ? "these" : "others";
    },
  },
  {
    finding: "titles_exhausted",
    advice: "Offer longer lists of titles: short ones run out before anything matches.",
    metric: "no_consensus_rate",
    about: "rooms that were offered fewer titles than is usual",
    comparedWith: "rooms that were offered as many titles as is usual, or more",
    sideOf: (room, usualTitles) => (room.titleCount === 0 ? null : room.titleCount < usualTitles ? "these" : "others"),
  },
];

const successOf: Readonly<Record<RoomAdvice["metric"], RoomEnding>> = { consensus_rate: "consensus", no_consensus_rate: "no_consensus" };

/** Intervals and tests are approximations: of fewer rooms on either side they are not good enough to give advice by. */
const roomsMin = 10;

/** The level of the false discovery rate below which a finding is said. */
const falseDiscoveriesMax = 0.05;

/**
 * Advice for rooms, that with most rooms at stake first. Each finding compares two kinds of rooms, and is said only where its 95 % interval
 * leaves out no difference and its p-value, adjusted for all that was compared, is 0.05 at most, with ten rooms or more on either side. It tells what goes together, not what causes what.
 * @param rooms ended, all of them
 */
export function roomAdvice(rooms: readonly Room[], bestSize: BestRoomSize | null): readonly RoomAdvice[] {
  const usualTitles = usualTitleCount(rooms);
  const comparisons = [...rules.map((rule) => compare(rule, rooms, usualTitles)), ...sizesBeside(bestSize)];
  const tested = comparisons.flatMap((comparison) => {
    const { these, others } = comparison;
    const difference = Math.min(these.trials, others.trials) < roomsMin ? null : proportionDifference(these, others);
    return difference === null ? [] : [{ ...comparison, difference }];
  });
  const adjusted = falseDiscoveryAdjusted(tested.map(({ difference }) => difference.pValue));
  return tested
    .map(({ these, others, comparedWith, difference, ...said }, i) => ({
      ...said,
      share: proportionOf(these.successes, these.trials),
      comparedWith: { about: comparedWith, ...proportionOf(others.successes, others.trials) },
      difference: { ...difference, adjustedPValue: adjusted[i] as number },
      rooms: these.trials,
      roomsAtStake: Math.abs(difference.difference) * these.trials,
    }))
    .filter(({ metric, difference: { low, high, adjustedPValue } }) => {
      const isWorse = metric === "consensus_rate" ? high < 0 : low > 0;
      return isWorse && adjustedPValue <= falseDiscoveriesMax;
    })
    .sort((a, b) => b.roomsAtStake - a.roomsAtStake);
}

function compare({ sideOf, ...said }: Rule, rooms: readonly Room[], usualTitles: number): Comparison {
  const sides = { these: { successes: 0, trials: 0 }, others: { successes: 0, trials: 0 } };
  for (const room of rooms) {
    const side = sideOf(room, usualTitles);
    if (side === null) continue;
    sides[side].trials += 1;
    if (endOfRoom(room).ending === successOf[said.metric]) sides[side].successes += 1;
  }
  return { ...said, ...sides };
}

function sizesBeside(found: BestRoomSize | null): readonly Comparison[] {
  if (found === null) return [];
  const { best } = found;
  const shareOf = ({ consensus, rooms }: typeof best): Share => ({ successes: consensus, trials: rooms });
  return found.sizes
    .filter((size) => size !== best)
    .map((size) => ({
      finding: "size_far_from_optimal",
      advice: `Propose ${best.roomSize} seats rather than ${size.roomSize}.`,
      metric: "consensus_rate",
      about: `rooms of ${size.roomSize} seats`,
      comparedWith: `rooms of ${best.roomSize} seats`,
      these: shareOf(size),
      others: shareOf(best),
    }));
}

/** The median of how many titles rooms said they offer; 0 where none did. */
function usualTitleCount(rooms: readonly Room[]): number {
  const counts = rooms.flatMap(({ titleCount }) => (titleCount === 0 ? [] : [titleCount])).sort((a, b) => a - b);
  return counts[Math.floor(counts.length / 2)] ?? 0;
}
