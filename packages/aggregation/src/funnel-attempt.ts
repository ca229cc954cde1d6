import { type Instant, type StepsAt, stepsAt } from "./instant.ts";

/** `ordered`: other events may be between the steps. `strict`: none may. `unordered`: the steps may be in any order. */
export const funnelOrders = ["ordered", "strict", "unordered"] as const;
export type FunnelOrder = (typeof funnelOrders)[number];

/** The rules of an attempt. */
export type AttemptRules = {
  readonly order: FunnelOrder;
  /** The kind of each step: a number for each event type. Events that are no step have the kind -1. The same kind at two steps takes two events. */
  readonly kinds: readonly number[];
  /** The maximum time from the first event to any other, inclusive. */
  readonly windowMs: number;
  /** The first event is in `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** The times of the steps that an attempt reached: entry k is the time of step k. Never empty. */
export type Attempt = readonly number[];

/**
 * The attempt that reaches the most steps; of several, the one that begins first.
 * - ordered: the next step is the earliest event of its kind after the step before.
 * - strict: the next step is the next event.
 * - unordered: each kind counts as often as it is a step, in any order; step k is the k-th event that counts.
 *
 * Events of one instant whose order is unknown are in the order that reaches the most steps.
 * @param instants of one user (and of one room or title, with `hold`), in order of time
 * @returns `null` if no event begins an attempt
 */
export function bestAttempt(instants: readonly Instant[], rules: AttemptRules): Attempt | null {
  if (rules.order === "unordered") return bestUnordered(instants, rules);
  const attemptsFrom = rules.order === "ordered" ? orderedAttempts(instants, rules) : strictAttempts(instants, rules);
  let best: Attempt | null = null;
  for (const [start, instant] of instants.entries()) {
    if (!begins(instant, rules) || !instant.kinds.includes(rules.kinds[0] as number)) continue;
    for (const attempt of attemptsFrom(start)) best = betterAttempt(best, attempt);
    if (best?.length === rules.kinds.length) break;
  }
  return best;
}

/** @returns the attempt that reaches more steps; if both reach as many, the one whose steps are earlier */
export function betterAttempt(a: Attempt | null, b: Attempt | null): Attempt | null {
  if (a === null || b === null) return a ?? b;
  if (a.length !== b.length) return a.length > b.length ? a : b;
  const differs = a.findIndex((atMs, step) => atMs !== b[step]);
  return differs === -1 || (a[differs] as number) < (b[differs] as number) ? a : b;
}

/** @returns attempts that begin at an instant, given by its index; the best one is among them */
type AttemptsFrom = (start: number) => readonly Attempt[];

function orderedAttempts(instants: readonly Instant[], { kinds, windowMs }: AttemptRules): AttemptsFrom {
  const placesOf = placesByKind(instants, kinds);
  const done = remembered(instants, kinds, "ordered");
  return (start) => {
    const lastMs = atMsOf(instants, start) + windowMs;
    const reachedMs: number[] = [];
    for (let place: number | undefined = start; place !== undefined && atMsOf(instants, place) <= lastMs; ) {
      const { furthest } = done(place, reachedMs.length, place === start);
      while (reachedMs.length < furthest) reachedMs.push(atMsOf(instants, place));
      place = firstAfter(placesOf.get(kinds[furthest] as number) ?? [], place);
    }
    return [reachedMs];
  };
}

function strictAttempts(instants: readonly Instant[], { kinds, windowMs }: AttemptRules): AttemptsFrom {
  const done = remembered(instants, kinds, "strict");
  const attempt = (reachedMs: readonly number[], step: number, atMs: number) => [
    ...reachedMs,
    ...new Array<number>(step - reachedMs.length).fill(atMs),
  ];
  return (start) => {
    const lastMs = atMsOf(instants, start) + windowMs;
    const attempts: Attempt[] = [];
    const follow = (place: number, reachedMs: readonly number[]) => {
      const instant = instants[place];
      if (instant === undefined || instant.atMs > lastMs) return;
      const { furthest, next } = done(place, reachedMs.length, place === start);
      attempts.push(attempt(reachedMs, furthest, instant.atMs));
      for (const step of next)
        if (step > reachedMs.length && step < kinds.length) follow(place + 1, attempt(reachedMs, step, instant.atMs));
    };
    follow(start, []);
    return attempts;
  };
}

/** Caches the result for instants with several events, for each step. For a single event it is cheap to compute. */
function remembered(instants: readonly Instant[], kinds: readonly number[], order: "ordered" | "strict") {
  const known = new Map<string, StepsAt>();
  return (place: number, from: number, isFirst: boolean): StepsAt => {
    const instant = instants[place] as Instant;
    const key = `${place} ${from} ${isFirst}`;
    let steps = known.get(key);
    if (steps === undefined) {
      steps = stepsAt(instant, kinds, from, order, isFirst);
      if (instant.kinds.length > 1) known.set(key, steps);
    }
    return steps;
  };
}

// A sliding window counts the events in it: each event enters and leaves once, even if attempts overlap.
function bestUnordered(instants: readonly Instant[], rules: AttemptRules): Attempt | null {
  const wanted = wantedOf(rules.kinds);
  const inside = new Map<number, number>();
  let end = 0;
  let done = 0;
  let best = { start: 0, done: 0 };
  for (const [start, instant] of instants.entries()) {
    for (let next = instants[end]; next !== undefined && next.atMs <= instant.atMs + rules.windowMs; next = instants[++end]) {
      for (const kind of next.kinds) {
        const before = inside.get(kind) ?? 0;
        inside.set(kind, before + 1);
        if (before < (wanted.get(kind) ?? 0)) done += 1;
      }
    }
    if (done > best.done && begins(instant, rules) && instant.kinds.some((kind) => wanted.has(kind))) best = { start, done };
    for (const kind of instant.kinds) {
      const left = (inside.get(kind) ?? 0) - 1;
      inside.set(kind, left);
      if (left < (wanted.get(kind) ?? 0)) done -= 1;
    }
  }
  return best.done === 0 ? null : doneFrom(instants, best, wanted);
}

/** @returns the times of the steps, each done by the earliest possible event */
function doneFrom(
  instants: readonly Instant[],
  { start, done }: { readonly start: number; readonly done: number },
  wanted: ReadonlyMap<number, number>,
): Attempt {
  const left = new Map(wanted);
  const reachedMs: number[] = [];
  for (let place = start; reachedMs.length < done; place++) {
    const { atMs, kinds } = instants[place] as Instant;
    for (const kind of kinds) {
      const open = left.get(kind) ?? 0;
      if (open === 0) continue;
      left.set(kind, open - 1);
      reachedMs.push(atMs);
    }
  }
  return reachedMs;
}

function wantedOf(kinds: readonly number[]): ReadonlyMap<number, number> {
  const wanted = new Map<number, number>();
  for (const kind of kinds) wanted.set(kind, (wanted.get(kind) ?? 0) + 1);
  return wanted;
}

function placesByKind(instants: readonly Instant[], kinds: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const places = new Map(kinds.map((kind): [number, number[]] => [kind, []]));
  for (const [place, instant] of instants.entries()) for (const kind of new Set(instant.kinds)) places.get(kind)?.push(place);
  return places;
}

function atMsOf(instants: readonly Instant[], place: number): number {
  return (instants[place] as Instant).atMs;
}

function begins({ atMs }: Instant, { fromMs, toMs }: AttemptRules): boolean {
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
