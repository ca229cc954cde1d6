import { valuesOf } from "../dimension.ts";
import { dimensionsOfRoom, endOfRoom, type Room, startOfRoom } from "../entities/room.ts";
import { type DurationObservation, kaplanMeier, type SurvivalPoint } from "../statistics/kaplan-meier.ts";
import { byValue } from "../value-order.ts";
import { isInScope, type RoomDimension, type RoomScope } from "./room-scope.ts";

/** Dimensions to group curves by; `seats` is the dimension that metrics call `roomSize`. */
export const survivalGroupings = ["seats", "mediaType", "genre"] as const;
export type SurvivalGrouping = (typeof survivalGroupings)[number];

const dimensionOf: Readonly<Record<SurvivalGrouping, RoomDimension>> = { seats: "roomSize", mediaType: "mediaType", genre: "genre" };

/** More points than this no chart can show: of a longer curve every so many are left out, its last one never. */
export const survivalPointsMax = 2_000;

/** How many rooms have not matched yet, so long after their start. Times are milliseconds. */
export type RoomSurvivalCurve = {
  readonly by: Readonly<Record<string, string>>;
  readonly rooms: number;
  readonly matched: number;
  /** `null` while more than half of the rooms have not matched. */
  readonly medianMs: number | null;
  /** 95 %; `null` where the data does not bound the end. */
  readonly medianInterval: readonly [number | null, number | null];
  readonly points: readonly Omit<SurvivalPoint, "standardError">[];
  readonly pointsLeftOut: number;
};

/**
 * Kaplan-Meier curves of the time from start to match, over the rooms that started in the scope. A room that has no match (yet) is
 * censored: at its close, at the last that was heard of it when it was abandoned, and at the present while it is open. So an open room says
 * what it can, that a match takes longer than it has been there, where a mean over ended rooms would not count it at all.
 */
export class RoomSurvivalAccumulator {
  readonly #scope: RoomScope;
  readonly #by: SurvivalGrouping | null;
  readonly #asOfMs: number;
  readonly #observations = new Map<string, DurationObservation[]>();

  constructor(scope: RoomScope, by: SurvivalGrouping | null, asOfMs: number) {
    this.#scope = scope;
    this.#by = by;
    this.#asOfMs = asOfMs;
    if (by === null) this.#observations.set("", []);
  }

  add(room: Room): void {
    const startMs = startOfRoom(room);
    if (startMs === null || !isInScope(room, startMs, this.#scope)) return;
    const observation = observationOf(room, startMs, this.#asOfMs);
    for (const value of this.#by === null ? [""] : valuesOf(dimensionsOfRoom(room), dimensionOf[this.#by])) {
      const known = this.#observations.get(value);
      if (known === undefined) this.#observations.set(value, [observation]);
      else known.push(observation);
    }
  }

  curves(): readonly RoomSurvivalCurve[] {
    return [...this.#observations]
      .sort(([a], [b]) => byValue(a, b))
      .map(([value, observations]) => curveOf(this.#by === null ? {} : { [this.#by]: value }, observations));
  }
}

function observationOf(room: Room, startMs: number, asOfMs: number): DurationObservation {
  const { ending, atMs } = endOfRoom(room);
  const seenUntilMs = ending === "abandoned" ? (atMs <= asOfMs ? room.lastAtMs : asOfMs) : atMs;
  // Clocks of two senders may disagree by more than the room lasted: never a negative time.
  return { ms: Math.max(0, seenUntilMs - startMs), event: ending === "consensus" };
}

function curveOf(by: RoomSurvivalCurve["by"], observations: readonly DurationObservation[]): RoomSurvivalCurve {
  const { points, medianMs, medianLowMs, medianHighMs } = kaplanMeier(observations);
  const shown = thinned(points);
  return {
    by,
    rooms: observations.length,
    matched: observations.filter(({ event }) => event).length,
    medianMs,
    medianInterval: [medianLowMs, medianHighMs],
    points: shown.map(({ standardError: _, ...point }) => point),
    pointsLeftOut: points.length - shown.length,
  };
}

function thinned(points: readonly SurvivalPoint[]): readonly SurvivalPoint[] {
  const every = Math.ceil(points.length / survivalPointsMax);
  return points.filter((_, i) => (points.length - 1 - i) % every === 0);
}
