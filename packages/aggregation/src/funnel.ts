import type { StoredEvent } from "@trinity/events/event";
import { contextOf } from "./event-dimensions.ts";
import { type Attempt, bestAttempt, betterAttempt, type FunnelOrder } from "./funnel-attempt.ts";
import { FunnelEvents } from "./funnel-events.ts";
import { type Filter, passes } from "./metric-query.ts";
import { nearestRank } from "./nearest-rank.ts";
import { type Proportion, proportionOf } from "./proportion.ts";
import { isTelemetry } from "./telemetry-event.ts";

/** What all events of an attempt may have to share: the room, or the title. */
export const funnelHolds = ["room", "title"] as const;
type FunnelHold = (typeof funnelHolds)[number];

/** How many people get from step to step? Attempts begin in `[fromMs, toMs)`. */
export type FunnelQuery = {
  /** Event types, one at least. The same one twice takes two events. */
  readonly steps: readonly string[];
  /** The longest time from the first event of an attempt to any other; that long is within. */
  readonly windowMs: number;
  readonly order: FunnelOrder;
  readonly hold: FunnelHold | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** On the context of each event: an event that does not pass is ignored. */
  readonly filters: readonly Filter[];
};

/** One step, counted. Times are milliseconds from the step before, over those who reached this one; `null` at the first step, and of nobody. */
export type FunnelStep = {
  readonly name: string;
  /** Whose attempt reaches the step. `unordered`: who did so many of the steps, whichever. */
  readonly users: number;
  readonly fromFirst: Proportion;
  readonly fromPrevious: Proportion | null;
  readonly p25Ms: number | null;
  readonly medianMs: number | null;
  readonly p75Ms: number | null;
};

/**
 * Counts a funnel: takes events as they come, in any order, each once.
 *
 * A user's events (those with a user that are no telemetry) are in order of time, at one instant in the order that their sender gave
 * them; where none is known they are taken in the order that reaches most steps. An attempt begins with an event of the
 * first step (`unordered`: of any step) in `[fromMs, toMs)`; its later events lie at most `windowMs` after that one, be it beyond `toMs`,
 * but not after the present. Where a room or a title is held, all events of an attempt have the same one, and others are not seen at all.
 * A user counts once, with the attempt that reaches most steps; of equals the one that begins first.
 *
 * Keeps a few words of each event that may belong to an attempt: of those of the steps, `strict` of all.
 */
export class FunnelAccumulator {
  /** What must be read: no event outside `[fromMs, toMs)` matters. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly #query: FunnelQuery;
  /** By user, and by what is held ("" where nothing is). */
  readonly #events = new Map<string, Map<string, FunnelEvents>>();

  /** @param asOfMs the present: what is said to happen after it does not count yet */
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
