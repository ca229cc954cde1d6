import type { StoredEvent } from "@trinity/events/event";
import { contextOf } from "./event-dimensions.ts";
import { type Attempt, bestAttempt, betterAttempt, type FunnelOrder } from "./funnel-attempt.ts";
import { FunnelEvents } from "./funnel-events.ts";
import { type Filter, passes } from "./metric-query.ts";
import { nearestRank } from "./nearest-rank.ts";
import { type Proportion, proportionOf } from "./proportion.ts";
import { isTelemetry } from "./telemetry-event.ts";

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
 * Computes a funnel from events, which must be added once each, in any order.
 *
 * The events of a user are ordered by time, without telemetry. Events of one instant are in the order of their sender; if that is unknown,
 * they are in the order that reaches the most steps. An attempt begins with an event of the first step (`unordered`: of any step) in
 * `[fromMs, toMs)`. Its later events are at most `windowMs` after the first, possibly after `toMs`, but not after the present. With `hold`, all
 * events of an attempt have the same room or title, and other events are ignored. A user counts once, with the attempt that reaches the most
 * steps; of several, with the one that begins first.
 *
 * Memory: a few fields of each event of a step; with `strict`, of every event.
 */
export class FunnelAccumulator {
  /** The range to read: events outside `[fromMs, toMs)` have no effect. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly #query: FunnelQuery;
  /** By user, and by the value of `hold` ("" without one). */
  readonly #events = new Map<string, Map<string, FunnelEvents>>();

  /** @param asOfMs the present: events with a later timestamp do not count yet */
  constructor(query: FunnelQuery, asOfMs: number) {
    this.#query = query;
    this.range = { fromMs: query.fromMs, toMs: Math.min(query.toMs + query.windowMs, asOfMs + 1) };
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
    list.push(event, kind);
    ofUser.set(held, list);
  }

  steps(): readonly FunnelStep[] {
    const { steps } = this.#query;
    const rules = { ...this.#query, kinds: steps.map((step) => steps.indexOf(step)) };
    const users = steps.map(() => 0);
    const gapsMs: number[][] = steps.map(() => []);
    for (const lists of this.#events.values()) {
      const attempts = [...lists.values()].map((events) => bestAttempt(events.instants(), rules));
      const reachedMs: Attempt = attempts.reduce(betterAttempt, null) ?? [];
      for (const [step, atMs] of reachedMs.entries()) {
        users[step] = (users[step] ?? 0) + 1;
        if (step > 0) gapsMs[step]?.push(atMs - (reachedMs[step - 1] as number));
      }
    }
    return steps.map((name, step) => {
      const reached = users[step] ?? 0;
      const before = users[step - 1];
      const gaps = (gapsMs[step] ?? []).sort((a, b) => a - b);
      return {
        name,
        users: reached,
        fromFirst: proportionOf(reached, users[0] ?? 0),
        fromPrevious: before === undefined ? null : proportionOf(reached, before),
        p25Ms: nearestRank(gaps, 0.25),
        medianMs: nearestRank(gaps, 0.5),
        p75Ms: nearestRank(gaps, 0.75),
      };
    });
  }
}

function heldBy({ roomId, properties: { contentId } }: StoredEvent, hold: FunnelHold): string | null {
  if (hold === "room") return roomId;
  return typeof contentId === "string" ? contentId : null;
}
