/** The events of one instant, in the order that is known of them. */
export type Instant = {
  readonly atMs: number;
  /** The kinds of all events, in any order. */
  readonly kinds: readonly number[];
  /**
   * Only called where the order may matter.
   * @returns kinds of events. Within a lane they are in order; the order of events of two lanes is unknown.
   */
  lanes(): readonly (readonly number[])[];
};

/** `ordered`: other events may be between the steps. `strict`: none may. */
export type StepOrder = "ordered" | "strict";

/** The steps that can be done within an instant. */
export type StepsAt = {
  /** The first step that is not done, if as many as possible are done. */
  readonly furthest: number;
  /** The steps that can be next after all events of the instant. Events that are not used must be before the first step. */
  readonly next: readonly number[];
};

/** Limits the search for the best order of an instant. Only many requests with several events of one user and instant reach the limit. */
const effortMax = 200_000;
const triesMin = 100;

/**
 * Does as many steps as possible within an instant, in any order that is consistent with its lanes.
 * @param kinds of all steps
 * @param from the first step to do
 * @param isFirst whether the attempt begins at this instant, so that other events of it may be before the attempt
 */
export function stepsAt(instant: Instant, kinds: readonly number[], from: number, order: StepOrder, isFirst: boolean): StepsAt {
  const [only] = instant.kinds;
  if (instant.kinds.length === 1) {
    const furthest = only === kinds[from] ? from + 1 : from;
    return { furthest, next: [furthest] };
  }
  // Events of one kind are the same in any order.
  const lanes = instant.kinds.every((kind) => kind === only) ? instant.kinds.map((kind) => [kind]) : instant.lanes();
  const single = new Map<number, number>();
  const ordered: (readonly number[])[] = [];
  for (const lane of lanes) {
    if (lane.length > 1) ordered.push(lane);
    else single.set(lane[0] as number, (single.get(lane[0] as number) ?? 0) + 1);
  }
  const triesMax = Math.max(triesMin, effortMax / (ordered.length + 1));
  const canLeaveOut = order === "ordered" || isFirst;
  const next = new Set<number>();
  const tried = new Set<string>();
  let furthest = from;
  let isSpent = false;

  function walk(step: number, left: ReadonlyMap<number, number>, places: readonly number[]): void {
    furthest = Math.max(furthest, step);
    if (canEnd(left, places)) next.add(step);
    const kind = kinds[step];
    if (kind === undefined || isSpent || (order === "ordered" && furthest === kinds.length)) return;
    const state = `${step} ${places} ${[...left.values()]}`;
    if (tried.has(state)) return;
    isSpent = tried.add(state).size >= triesMax;
    for (const [lane, events] of ordered.entries())
      for (const place of placesFor(events, kind, places[lane] as number)) walk(step + 1, left, places.with(lane, place + 1));
    const others = left.get(kind) ?? 0;
    if (others > 0) walk(step + 1, new Map(left).set(kind, others - 1), places);
  }

  function placesFor(events: readonly number[], kind: number, place: number): readonly number[] {
    if (order === "strict" && place === 0 && isFirst) return [...events.keys()].filter((at) => events[at] === kind);
    const at = order === "strict" ? place : events.indexOf(kind, place);
    return at !== -1 && events[at] === kind ? [at] : [];
  }

  function canEnd(left: ReadonlyMap<number, number>, places: readonly number[]): boolean {
    if (order === "ordered") return true;
    const isDone = places.every((place, lane) => place === ordered[lane]?.length || (place === 0 && canLeaveOut));
    return isDone && (canLeaveOut || [...left.values()].every((count) => count === 0));
  }

  walk(
    from,
    single,
    ordered.map(() => 0),
  );
  return { furthest, next: [...next] };
}
