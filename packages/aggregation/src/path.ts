import type { StoredEvent } from "@trinity/events/event";
import { tierMs } from "./bucket.ts";
import { sessionGapMs } from "./entities/inferred-session.ts";
import { contextOf } from "./event-dimensions.ts";
import { type Filter, passes } from "./metric-query.ts";
import { type Path, type PathGraph, pathGraph } from "./path-graph.ts";
import { type Stamped, StampedList } from "./stamped-list.ts";
import { isTelemetry } from "./telemetry-event.ts";

/** The names of steps: every event by its type, or only shown screens, by their names. */
export const pathNamings = ["eventType", "screen"] as const;
type PathNaming = (typeof pathNamings)[number];

/** What users do step by step, in sessions that start in `[fromMs, toMs)`. */
export type PathQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: PathNaming;
  /** Paths begin with the first step of this name; `null`: at the start of the session. */
  readonly start: string | null;
  /** Paths end with the first step of this name (after `start`). Without a `start` they are read backwards: depth 0 is this step. */
  readonly end: string | null;
  /** The maximum number of steps that are shown of a path, including depth 0. */
  readonly depth: number;
  /** The maximum number of names at each depth; all rarer names are one node. */
  readonly nodesMax: number;
  /** Apply to the context of the first event of a session. */
  readonly filters: readonly Filter[];
};

/** `sessions`: the number of sessions with a path, which is the sum of the nodes at depth 0. */
export type Paths = PathGraph & { readonly sessions: number };

/** How far sessions are followed before and after the range. */
const marginMs = tierMs.day;

/** The fields of an event that a path needs. `name` is `null` if the event is not a step. */
type StepLabel = { readonly name: string | null; readonly passes: boolean };
type Step = Stamped<StepLabel>;

/**
 * Computes paths from events, which must be added once each, in any order.
 *
 * A session is all events with the same session id, or an inferred session: events of a user without a session id, with less than 30 minutes
 * between two events. Telemetry belongs to no session. A session counts if it starts in `[fromMs, toMs)` and its first event passes the filters.
 * Events from one day before the range to one day after it are read, none after the present. So a session with an id that
 * started earlier, but has no event on the day before the range, counts as starting in the range.
 *
 * The path of a session is the names of its steps in the order of `stamped-list.ts`. Equal names in a row are one step. A session without a
 * step, or without the `start` or `end` of the query, has no path.
 *
 * Memory: a few fields of every event in the range to read.
 */
export class PathAccumulator {
  /** The range to read: events outside `[fromMs, toMs)` have no effect. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly #query: PathQuery;
  readonly #withId = new Map<string, StampedList<StepLabel>>();
  readonly #withoutId = new Map<string, StampedList<StepLabel>>();
  /** There are few distinct labels, so events share them. */
  readonly #labels = { passing: new Map<string | null, StepLabel>(), failing: new Map<string | null, StepLabel>() };

  /** @param asOfMs the present: events with a later timestamp do not count yet */
  constructor(query: PathQuery, asOfMs: number) {
    this.#query = query;
    this.range = { fromMs: query.fromMs - marginMs, toMs: Math.min(query.toMs + marginMs, asOfMs + 1) };
  }

  add(event: StoredEvent): void {
    const { timestampMs: atMs, userId, sessionId } = event;
    if (isTelemetry(event) || atMs < this.range.fromMs || atMs >= this.range.toMs) return;
    const lists = sessionId === null ? this.#withoutId : this.#withId;
    const key = sessionId ?? userId;
    if (key === null) return;
    const list = lists.get(key) ?? new StampedList<StepLabel>();
    list.push(event, this.#labelOf(event));
    lists.set(key, list);
  }

  paths(): Paths {
    const { nodesMax, start, end } = this.#query;
    const paths: Path[] = [];
    for (const session of this.#sessions()) {
      const path = this.#pathOf(session);
      if (path !== null) paths.push(path);
    }
    return { sessions: paths.length, ...pathGraph(paths, { nodesMax, backwards: start === null && end !== null }) };
  }

  #labelOf(event: StoredEvent): StepLabel {
    const name = this.#nameOf(event);
    const isPassing = passes(this.#query.filters, contextOf(event));
    const labels = this.#labels[isPassing ? "passing" : "failing"];
    const label = labels.get(name) ?? { name, passes: isPassing };
    labels.set(name, label);
    return label;
  }

  #nameOf({ eventType, properties: { screen } }: StoredEvent): string | null {
    if (this.#query.by === "eventType") return eventType;
    return eventType === "screen_view" && typeof screen === "string" ? screen : null;
  }

  *#sessions(): Generator<readonly Step[]> {
    for (const session of this.#withId.values()) yield session.inOrder();
    for (const steps of this.#withoutId.values()) yield* inferredSessionsOf(steps.inOrder());
  }

  #pathOf(session: readonly Step[]): Path | null {
    const { fromMs, toMs, depth } = this.#query;
    const [first] = session;
    if (first === undefined || first.atMs < fromMs || first.atMs >= toMs || !first.label.passes) return null;
    const names = this.#cut(withoutRepeats(session));
    return names.length === 0 ? null : { steps: names.slice(0, depth), goesOn: names.length > depth };
  }

  /** @returns the names from depth 0 on; empty if the session has no path */
  #cut(names: readonly string[]): readonly string[] {
    const { start, end } = this.#query;
    if (start === null) return end === null ? names : names.slice(0, names.indexOf(end) + 1).reverse();
    const from = names.indexOf(start);
    if (from === -1) return [];
    if (end === null) return names.slice(from);
    return names.slice(from, names.indexOf(end, from + 1) + 1);
  }
}

/** @param steps of one user, in order of time */
function* inferredSessionsOf(steps: readonly Step[]): Generator<readonly Step[]> {
  let start = 0;
  for (let next = 1; next <= steps.length; next++) {
    const goesOn = next < steps.length && (steps[next] as Step).atMs - (steps[next - 1] as Step).atMs < sessionGapMs;
    if (goesOn) continue;
    yield steps.slice(start, next);
    start = next;
  }
}

function withoutRepeats(steps: readonly Step[]): readonly string[] {
  const names: string[] = [];
  for (const {
    label: { name },
  } of steps)
    if (name !== null && name !== names.at(-1)) names.push(name);
  return names;
}
