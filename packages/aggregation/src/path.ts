import type { StoredEvent } from "@trinity/events/event";
import { tierMs } from "./bucket.ts";
import { sessionGapMs } from "./entities/inferred-session.ts";
import { contextOf } from "./event-dimensions.ts";
import { type Filter, passes } from "./metric-query.ts";
import { type Path, type PathGraph, pathGraph } from "./path-graph.ts";
import { type Stamped, StampedList } from "./stamped-list.ts";
import { isTelemetry } from "./telemetry-event.ts";

/** What a step is called: every event by its type, or only the screens that were shown, each by its name. */
export const pathNamings = ["eventType", "screen"] as const;
type PathNaming = (typeof pathNamings)[number];

/** What do people do, step by step, in the sessions that start in `[fromMs, toMs)`? */
export type PathQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: PathNaming;
  /** Paths begin with the first step of this name; `null`: with the session. */
  readonly start: string | null;
  /** Paths end with the first step of this name (after `start`). Without a `start` they are looked at backwards: depth 0 is this step. */
  readonly end: string | null;
  /** How many steps of a path are shown, the one at depth 0 included. */
  readonly depth: number;
  /** How many names each depth shows; rarer names are one node. */
  readonly nodesMax: number;
  /** On the context of the session's first event. */
  readonly filters: readonly Filter[];
};

/** `sessions`: how many have a path, and so what the nodes at depth 0 add up to. */
export type Paths = PathGraph & { readonly sessions: number };

/** How far beyond the range sessions are followed. */
const reachMs = tierMs.day;

/** What a path depends on beside order. `name` is `null` where the event is no step. */
type StepLabel = { readonly name: string | null; readonly passes: boolean };
type Step = Stamped<StepLabel>;

/**
 * Gathers paths: takes events as they come, in any order, each once.
 *
 * A session is all events that share a session id; of a user's events without one, each run in which no two neighbours are 30 minutes or
 * more apart. Telemetry belongs to none. A session counts when it starts in `[fromMs, toMs)` and its first event passes the filters, and is
 * followed beyond `toMs`. Events from a day before the range to a day after it are seen, none after the present: a named session that is
 * silent for the whole day before the range is taken to start in it.
 *
 * The path of a session is the names of its steps in order of time (at one instant as `stamped-list.ts` says); equal names in a row are one step. A session
 * without a step, or without the `start` or `end` asked for, has none.
 *
 * Keeps a few words of every event of a session in reach.
 */
export class PathAccumulator {
  /** What must be read: no event outside `[fromMs, toMs)` matters. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly #query: PathQuery;
  readonly #named = new Map<string, StampedList<StepLabel>>();
  readonly #unnamedOf = new Map<string, StampedList<StepLabel>>();
  /** Few are different: all events that look alike share one. */
  readonly #labels = { passing: new Map<string | null, StepLabel>(), failing: new Map<string | null, StepLabel>() };

  /** @param asOfMs the present: what is said to happen after it does not count yet */
  constructor(query: PathQuery, asOfMs: number) {
    this.#query = query;
    this.range = { fromMs: query.fromMs - reachMs, toMs: Math.min(query.toMs + reachMs, asOfMs + 1) };
  }

  add(event: StoredEvent): void {
    const { timestampMs: atMs, userId, sessionId } = event;
    if (isTelemetry(event) || atMs < this.range.fromMs || atMs >= this.range.toMs) return;
    const lists = sessionId === null ? this.#unnamedOf : this.#named;
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
    for (const session of this.#named.values()) yield session.inOrder();
    for (const steps of this.#unnamedOf.values()) yield* runsOf(steps.inOrder());
  }

  #pathOf(session: readonly Step[]): Path | null {
    const { fromMs, toMs, depth } = this.#query;
    const [first] = session;
    if (first === undefined || first.atMs < fromMs || first.atMs >= toMs || !first.label.passes) return null;
    const names = this.#cut(withoutRepeats(session));
    return names.length === 0 ? null : { steps: names.slice(0, depth), goesOn: names.length > depth };
  }

  /** @returns the names from depth 0 on; none where the session has no such path */
  #cut(names: readonly string[]): readonly string[] {
    const { start, end } = this.#query;
    if (start === null) return end === null ? names : names.slice(0, names.indexOf(end) + 1).reverse();
    const from = names.indexOf(start);
    if (from === -1) return [];
    if (end === null) return names.slice(from);
    return names.slice(from, names.indexOf(end, from + 1) + 1);
  }
}

/** @param steps of one user, in order */
function* runsOf(steps: readonly Step[]): Generator<readonly Step[]> {
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
