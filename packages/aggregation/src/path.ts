import type { StoredEvent } from "@trinity/events/event";
import { tierMs } from "./bucket.ts";
import { sessionGapMs } from "./entities/inferred-session.ts";
import { contextOf } from "./event-dimensions.ts";
import { type Filter, passes } from "./metric-query.ts";
import { type CountedPath, type Path, type PathGraph, pathGraph } from "./path-graph.ts";
import { StampedList } from "./stamped-list.ts";
import { isTelemetry } from "./telemetry-event.ts";
import type { TimeRange } from "./time-range.ts";

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

/** What a path needs of an event. `name` is `null` if the event is not a step, `passes` whether its context passes the filters. */
export type StepLabel = { readonly name: string | null; readonly passes: boolean };
/** `order`: a number that orders events of one instant. */
export type PathStep = { readonly atMs: number; readonly order: number; readonly label: StepLabel };

/** @returns the range to read: events outside it have no effect. `asOfMs` is the present: later events do not count yet. */
export function rangeOfPaths({ fromMs, toMs }: PathQuery, asOfMs: number): TimeRange {
  return { fromMs: fromMs - marginMs, toMs: Math.min(toMs + marginMs, asOfMs + 1) };
}

/**
 * The path of a session is the names of its steps in the order of `stamped-list.ts`. Equal names in a row are one step. A session without a
 * step, or without the `start` or `end` of the query, has no path; nor has one that starts outside the range, or whose first event does not
 * pass the filters.
 * @param session its events in order
 */
export function pathOf(session: readonly PathStep[], query: PathQuery): Path | null {
  if (!isCounted(session, query)) return null;
  const names = cut(withoutRepeats(session), query);
  return names.length === 0 ? null : { steps: names.slice(0, query.depth), goesOn: names.length > query.depth };
}

/** @returns whether the path of a session depends on the order of events of one instant and `order`. They may be in any order. */
export function needsOrder(session: readonly PathStep[], query: PathQuery): boolean {
  const unordered = firstUnordered(session);
  const [first] = session;
  if (unordered === null || first === undefined || !startsIn(first, query)) return false;
  return unordered === 0 || !isDecided(session.slice(0, unordered), query);
}

/** @returns whether the path stays as it is, whatever follows */
function isDecided(beginning: readonly PathStep[], query: PathQuery): boolean {
  if (!isCounted(beginning, query)) return true;
  const path = pathOf(beginning, query);
  return path !== null && (query.end !== null || path.goesOn);
}

/** @returns where the first events of one instant and `order` begin that have several names, or are the first and some of them pass */
function firstUnordered(session: readonly PathStep[]): number | null {
  for (let start = 0, end = 1; start < session.length; start = end, end += 1) {
    const { atMs, order, label } = session[start] as PathStep;
    let { name } = label;
    for (; session[end]?.atMs === atMs && session[end]?.order === order; end++) {
      const other = (session[end] as PathStep).label;
      if (start === 0 && other.passes !== label.passes) return start;
      if (other.name !== null && name !== null && other.name !== name) return start;
      name ??= other.name;
    }
  }
  return null;
}

/** @param steps of one user, in order of time. @returns the sessions into which they fall, where no event has a session id */
export function inferredSessions(steps: readonly PathStep[]): readonly (readonly PathStep[])[] {
  const sessions: (readonly PathStep[])[] = [];
  let start = 0;
  for (let next = 1; next <= steps.length; next++) {
    const goesOn = next < steps.length && (steps[next] as PathStep).atMs - (steps[next - 1] as PathStep).atMs < sessionGapMs;
    if (goesOn) continue;
    sessions.push(steps.slice(start, next));
    start = next;
  }
  return sessions;
}

/** Counts sessions by their paths, and merges them into a graph. */
export class PathCount {
  readonly #query: PathQuery;
  readonly #root = newBranch();

  constructor(query: PathQuery) {
    this.#query = query;
  }

  /** Counts a session, unless it has no path. */
  add(path: Path | null): void {
    if (path !== null) this.#add({ ...path, sessions: 1 });
  }

  /** Counts the sessions that another count has. */
  include(other: PathCount): void {
    for (const path of pathsThrough(other.#root, [])) this.#add(path);
  }

  paths(): Paths {
    const { nodesMax, start, end } = this.#query;
    const paths = pathsThrough(this.#root, []);
    const sessions = paths.reduce((sum, path) => sum + path.sessions, 0);
    return { sessions, ...pathGraph(paths, { nodesMax, backwards: start === null && end !== null }) };
  }

  #add({ steps, goesOn, sessions }: CountedPath): void {
    let branch = this.#root;
    for (const name of steps) {
      const next = branch.next.get(name) ?? newBranch();
      branch.next.set(name, next);
      branch = next;
    }
    branch[goesOn ? "goingOn" : "ending"] += sessions;
  }
}

/** Where paths are after some steps: how many end here, how many go on beyond the depth that is shown, and the next steps of the others. */
type Branch = { ending: number; goingOn: number; readonly next: Map<string, Branch> };

function newBranch(): Branch {
  return { ending: 0, goingOn: 0, next: new Map() };
}

function pathsThrough({ ending, goingOn, next }: Branch, steps: readonly string[]): readonly CountedPath[] {
  return [
    ...(ending > 0 ? [{ steps, goesOn: false, sessions: ending }] : []),
    ...(goingOn > 0 ? [{ steps, goesOn: true, sessions: goingOn }] : []),
    ...[...next].flatMap(([name, branch]) => pathsThrough(branch, [...steps, name])),
  ];
}

/**
 * Computes paths from events, which must be added once each, in any order.
 *
 * A session is all events with the same session id, or an inferred session: events of a user without a session id, with less than 30 minutes
 * between two events. Telemetry belongs to no session. A session counts if it starts in `[fromMs, toMs)` and its first event passes the filters.
 * Events from one day before the range to one day after it are read, none after the present. So a session with an id that
 * started earlier, but has no event on the day before the range, counts as starting in the range.
 *
 * Memory: a few fields of every event in the range to read.
 */
export class PathAccumulator {
  /** The range to read: events outside `[fromMs, toMs)` have no effect. */
  readonly range: TimeRange;
  readonly #query: PathQuery;
  readonly #withId = new Map<string, StampedList<StepLabel>>();
  readonly #withoutId = new Map<string, StampedList<StepLabel>>();
  /** There are few distinct labels, so events share them. */
  readonly #labels = { passing: new Map<string | null, StepLabel>(), failing: new Map<string | null, StepLabel>() };

  /** @param asOfMs the present: events with a later timestamp do not count yet */
  constructor(query: PathQuery, asOfMs: number) {
    this.#query = query;
    this.range = rangeOfPaths(query, asOfMs);
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
    const count = new PathCount(this.#query);
    for (const session of this.#sessions()) count.add(pathOf(session, this.#query));
    return count.paths();
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

  *#sessions(): Generator<readonly PathStep[]> {
    for (const session of this.#withId.values()) yield session.inOrder();
    for (const steps of this.#withoutId.values()) yield* inferredSessions(steps.inOrder());
  }
}

function isCounted(session: readonly PathStep[], query: PathQuery): boolean {
  const [first] = session;
  return first !== undefined && startsIn(first, query) && first.label.passes;
}

function startsIn({ atMs }: PathStep, { fromMs, toMs }: PathQuery): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** @returns the names from depth 0 on; empty if the session has no path */
function cut(names: readonly string[], { start, end }: PathQuery): readonly string[] {
  if (start === null) return end === null ? names : names.slice(0, names.indexOf(end) + 1).reverse();
  const from = names.indexOf(start);
  if (from === -1) return [];
  if (end === null) return names.slice(from);
  return names.slice(from, names.indexOf(end, from + 1) + 1);
}

function withoutRepeats(steps: readonly PathStep[]): readonly string[] {
  const names: string[] = [];
  for (const {
    label: { name },
  } of steps)
    if (name !== null && name !== names.at(-1)) names.push(name);
  return names;
}
