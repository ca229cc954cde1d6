import type { EventStamp } from "./entities/earliest.ts";
import type { Stamped } from "./stamped-list.ts";

/** How the steps of an attempt must lie: others may be between them, none may, or they may come in any order. */
export const funnelOrders = ["ordered", "strict", "unordered"] as const;
export type FunnelOrder = (typeof funnelOrders)[number];

/** As much of an event as an attempt depends on. The label is its kind, a number that tells event types apart; -1 is one that is no step. */
export type FunnelEvent = Stamped<number>;

/** What makes an attempt. */
export type AttemptRules = {
  readonly order: FunnelOrder;
  /** The kind of each step. The same kind at two steps takes two events. */
  readonly kinds: readonly number[];
  /** The longest time from the first event to any other: that long is within. */
  readonly windowMs: number;
  /** The first event happened in `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** How far somebody came: `reachedMs[k]` is when step k was done. Never empty. */
export type Attempt = { readonly first: EventStamp; readonly reachedMs: readonly number[] };

/**
 * The attempt that reaches most steps; of equals the one that begins first.
 * - ordered: the next step is the earliest event of its kind after the one before.
 * - strict: the next step is the very next event.
 * - unordered: the steps are the kinds, each as often as it is named, in whatever order they come; step k is the k-th of them to be done.
 * @param events of one user (and one room or title, where that is held), in order
 * @returns `null` where no event begins one
 */
export function bestAttempt(events: readonly FunnelEvent[], rules: AttemptRules): Attempt | null {
  if (rules.order === "unordered") return bestUnordered(events, rules);
  const reach = rules.order === "ordered" ? orderedReach(events, rules) : strictReach(events, rules);
  let best: readonly number[] = [];
  for (const [start, event] of events.entries()) {
    if (event.label !== rules.kinds[0] || !begins(event, rules)) continue;
    const reached = reach(start);
    if (reached.length > best.length) best = reached;
    if (best.length === rules.kinds.length) break;
  }
  return attemptAt(events, best);
}

/** @returns from the place of a first event to the places of all that it reaches */
type Reach = (start: number) => readonly number[];

function orderedReach(events: readonly FunnelEvent[], { kinds, windowMs }: AttemptRules): Reach {
  const placesOf = Map.groupBy(events.keys(), (place) => (events[place] as FunnelEvent).label);
  return (start) => {
    const lastMs = (events[start] as FunnelEvent).atMs + windowMs;
    const reached = [start];
    for (const kind of kinds.slice(1)) {
      const next = firstAfter(placesOf.get(kind) ?? [], reached.at(-1) as number);
      if (next === undefined || (events[next] as FunnelEvent).atMs > lastMs) break;
      reached.push(next);
    }
    return reached;
  };
}

function strictReach(events: readonly FunnelEvent[], { kinds, windowMs }: AttemptRules): Reach {
  return (start) => {
    const lastMs = (events[start] as FunnelEvent).atMs + windowMs;
    const breaks = kinds.findIndex((kind, step) => {
      const event = events[start + step];
      return event === undefined || event.label !== kind || event.atMs > lastMs;
    });
    return Array.from({ length: breaks === -1 ? kinds.length : breaks }, (_, step) => start + step);
  };
}

// A window slides over the events and counts what is in it: each event enters and leaves once, however many attempts overlap.
function bestUnordered(all: readonly FunnelEvent[], rules: AttemptRules): Attempt | null {
  const events = all.filter(({ label }) => rules.kinds.includes(label));
  const wanted = wantedOf(rules.kinds);
  const inside = new Map<number, number>();
  let end = 0;
  let done = 0;
  let best = { start: 0, done: 0 };
  for (const [start, event] of events.entries()) {
    for (let next = events[end]; next !== undefined && next.atMs <= event.atMs + rules.windowMs; next = events[++end]) {
      const before = inside.get(next.label) ?? 0;
      inside.set(next.label, before + 1);
      if (before < (wanted.get(next.label) ?? 0)) done += 1;
    }
    if (done > best.done && begins(event, rules)) best = { start, done };
    const left = (inside.get(event.label) ?? 0) - 1;
    inside.set(event.label, left);
    if (left < (wanted.get(event.label) ?? 0)) done -= 1;
  }
  return attemptAt(events, doneFrom(events, best, wanted));
}

/** @returns the places of the events that do the steps, each the first that could */
function doneFrom(
  events: readonly FunnelEvent[],
  { start, done }: { readonly start: number; readonly done: number },
  wanted: ReadonlyMap<number, number>,
): readonly number[] {
  const left = new Map(wanted);
  const places: number[] = [];
  for (let place = start; places.length < done; place++) {
    const { label: kind } = events[place] as FunnelEvent;
    const open = left.get(kind) ?? 0;
    if (open === 0) continue;
    left.set(kind, open - 1);
    places.push(place);
  }
  return places;
}

function wantedOf(kinds: readonly number[]): ReadonlyMap<number, number> {
  const wanted = new Map<number, number>();
  for (const kind of kinds) wanted.set(kind, (wanted.get(kind) ?? 0) + 1);
  return wanted;
}

function attemptAt(events: readonly FunnelEvent[], places: readonly number[]): Attempt | null {
  const [first] = places;
  if (first === undefined) return null;
  return { first: events[first] as FunnelEvent, reachedMs: places.map((place) => (events[place] as FunnelEvent).atMs) };
}

function begins({ atMs }: FunnelEvent, { fromMs, toMs }: AttemptRules): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** @returns the first of ascending numbers that is greater than `after` */
function firstAfter(ascending: readonly number[], after: number): number | undefined {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > after) high = middle;
    else low = middle + 1;
  }
  return ascending[low];
}
