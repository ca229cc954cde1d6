import type { StoredEvent } from "@trinity/events/event";
import { laneOf, orderNumberOf } from "@trinity/events/event-order";
import { contextOf } from "./event-dimensions.ts";
import { type Attempt, type AttemptRules, bestAttempt, betterAttempt, type FunnelOrder } from "./funnel-attempt.ts";
import { FunnelEvents } from "./funnel-events.ts";
import type { Instant } from "./instant.ts";
import { type Filter, passes } from "./metric-query.ts";
import { nearestRank } from "./nearest-rank.ts";
import { type Proportion, proportionOf } from "./proportion.ts";
import { isTelemetry } from "./telemetry-event.ts";
import type { TimeRange } from "./time-range.ts";

/** What all events of an attempt must share, if the query says so: the room or the title. */
export const funnelHolds = ["room", "title"] as const;
type FunnelHold = (typeof funnelHolds)[number];

/** How many users get from step to step. Attempts begin in `[fromMs, toMs)`. */
export type FunnelQuery = {
  /** At least one event type. The same type at two steps takes two events. */
  readonly steps: readonly string[];
  /** The maximum time from the first event of an attempt to any other, inclusive. */
  readonly windowMs: number;
  readonly order: FunnelOrder;
  readonly hold: FunnelHold | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Apply to the context of each event. An event that does not pass is ignored. */
  readonly filters: readonly Filter[];
};

/**
 * The result for one step. Times are milliseconds from the step before, over the users who reached this step; `null` at the first step and
 * without users.
 */
export type FunnelStep = {
  readonly name: string;
  /** Users whose attempt reaches the step. `unordered`: users who did at least that many of the steps. */
  readonly users: number;
  readonly fromFirst: Proportion;
  readonly fromPrevious: Proportion | null;
  readonly p25Ms: number | null;
  readonly medianMs: number | null;
  readonly p75Ms: number | null;
};

/**
 * Counts how far users get.
 *
 * The events of a user are ordered by time, without telemetry. Events of one instant are in the order of their sender; if that is unknown,
 * they are in the order that reaches the most steps. An attempt begins with an event of the first step (`unordered`: of any step) in
 * `[fromMs, toMs)`. Its later events are at most `windowMs` after the first, possibly after `toMs`, but not after the present. With `hold`, all
 * events of an attempt have the same room or title, and other events are ignored. A user counts once, with the attempt that reaches the most
 * steps; of several, with the one that begins first.
 */
export class FunnelCount {
  readonly #names: readonly string[];
  readonly #rules: AttemptRules;
  readonly #users: number[];
  /** By step: of each user who reached it, the time from the step before. */
  readonly #gapsMs: readonly number[][];

  constructor(query: FunnelQuery) {
    const { steps } = query;
    this.#names = steps;
    this.#rules = { ...query, kinds: steps.map((step) => steps.indexOf(step)) };
    this.#users = steps.map(() => 0);
    this.#gapsMs = steps.map(() => []);
  }

  /**
   * @param runs the events of one user, by room or title with `hold`; their kinds are indexes of the first step of that name, or -1
   * @returns the attempt that counts; null without one
   */
  attemptOf(runs: readonly (readonly Instant[])[]): Attempt | null {
    return runs.map((instants) => bestAttempt(instants, this.#rules)).reduce(betterAttempt, null);
  }

  /** Counts one user. */
  add(attempt: Attempt | null): void {
    for (const [step, atMs] of (attempt ?? []).entries()) {
      this.#users[step] = (this.#users[step] ?? 0) + 1;
      if (step > 0) this.#gapsMs[step]?.push(atMs - ((attempt as Attempt)[step - 1] as number));
    }
  }

  steps(): readonly FunnelStep[] {
    return this.#names.map((name, step) => {
      const reached = this.#users[step] ?? 0;
      const before = this.#users[step - 1];
      const gaps = (this.#gapsMs[step] ?? []).toSorted((a, b) => a - b);
      return {
        name,
        users: reached,
        fromFirst: proportionOf(reached, this.#users[0] ?? 0),
        fromPrevious: before === undefined ? null : proportionOf(reached, before),
        p25Ms: nearestRank(gaps, 0.25),
        medianMs: nearestRank(gaps, 0.5),
        p75Ms: nearestRank(gaps, 0.75),
      };
    });
  }
}

/** @returns the range to read: events outside it have no effect. `asOfMs` is the present: later events do not count yet. */
export function rangeOfFunnel({ fromMs, toMs, windowMs }: FunnelQuery, asOfMs: number): TimeRange {
  return { fromMs, toMs: Math.min(toMs + windowMs, asOfMs + 1) };
}

/**
 * Computes a funnel from events, which must be added once each, in any order.
 *
 * Memory: a few fields of each event of a step; with `strict`, of every event.
 */
export class FunnelAccumulator {
  /** The range to read: events outside `[fromMs, toMs)` have no effect. */
  readonly range: TimeRange;
  readonly #query: FunnelQuery;
  /** By user, and by the value of `hold` ("" without one). */
  readonly #events = new Map<string, Map<string, FunnelEvents>>();

  /** @param asOfMs the present: events with a later timestamp do not count yet */
  constructor(query: FunnelQuery, asOfMs: number) {
    this.#query = query;
    this.range = rangeOfFunnel(query, asOfMs);
  }

  add(event: StoredEvent): void {
    const { steps, order, hold, filters } = this.#query;
    const { timestampMs: atMs, userId, eventType } = event;
    if (userId === null || isTelemetry(event) || atMs < this.range.fromMs || atMs >= this.range.toMs) return;
    const kind = steps.indexOf(eventType);
    if (kind === -1 && order !== "strict") return;
    const held = hold === null ? "" : heldBy(event, hold);
    if (held === null || !passes(filters, contextOf(event))) return;
    const ofUser = this.#events.get(userId) ?? new Map<string, FunnelEvents>();
    this.#events.set(userId, ofUser);
    const list = ofUser.get(held) ?? new FunnelEvents();
    list.push({ atMs, kind, order: orderNumberOf(event), lane: laneOf(event) });
    ofUser.set(held, list);
  }

  steps(): readonly FunnelStep[] {
    const count = new FunnelCount(this.#query);
    for (const runs of this.#events.values()) count.add(count.attemptOf([...runs.values()].map((events) => events.instants())));
    return count.steps();
  }
}

function heldBy({ roomId, properties: { contentId } }: StoredEvent, hold: FunnelHold): string | null {
  if (hold === "room") return roomId;
  return typeof contentId === "string" ? contentId : null;
}
