import type { StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tierMs } from "./bucket.ts";
import { inOrder } from "./oracle-facts.testing.ts";
import { PathAccumulator, type PathQuery, pathNamings } from "./path.ts";
import { anyWorld } from "./world-arbitrary.testing.ts";

const types = ["vote_content", "room_created", "join_room", "screen_view", "title_shown"];
const screens = ["/home", "other", "end"];

const anyAsked = fc
  .record({
    fromMs: fc.integer({ min: -100, max: 1 }).map((halfHours) => (halfHours * tierMs.hour) / 2),
    lengthMs: fc.constantFrom(tierMs.hour, tierMs.day, 9 * tierMs.day, 9 * tierMs.day),
    by: fc.constantFrom(...pathNamings),
    depth: fc.integer({ min: 1, max: 5 }),
    nodesMax: fc.constantFrom(1, 2, 30),
    filters: fc.constantFrom([], [], [{ dimension: "platform" as const, values: ["ios"], negated: true }]),
  })
  .chain((asked) => {
    const anyName = fc.constantFrom(null, null, ...(asked.by === "screen" ? screens : types));
    return fc.record({ asked: fc.constant(asked), start: anyName, end: anyName });
  });

/** A world in which screens have names, a path query, and the events of the world in any order. */
const anyPaths = fc
  .record({ world: anyWorld, question: anyAsked, shown: fc.array(fc.constantFrom(...screens), { minLength: 40, maxLength: 40 }) })
  .chain(({ world, shown, question: { asked, ...ends } }) => {
    const { lengthMs, ...rest } = asked;
    const fromMs = world.aroundMs + asked.fromMs;
    const events = world.events.map((event, i) => ({ ...event, properties: { ...event.properties, screen: shown[i] as string } }));
    return fc.record({
      query: fc.constant<PathQuery>({ ...rest, ...ends, fromMs, toMs: fromMs + lengthMs }),
      events: fc.constant(events),
      log: fc.shuffledSubarray(events, { minLength: events.length }),
      asOfMs: fc.constantFrom(world.asOfMs, world.aroundMs + 9 * tierMs.day, world.aroundMs + 9 * tierMs.day),
    });
  });

function pathsOf(events: readonly StoredEvent[], query: PathQuery, asOfMs: number) {
  const accumulator = new PathAccumulator(query, asOfMs);
  for (const event of events) accumulator.add(event);
  return accumulator.paths();
}

const total = (list: readonly { readonly sessions: number }[]) => list.reduce((sum, { sessions }) => sum + sessions, 0);

/** @returns whether there is an `other` node after depth 0 */
function expectBalanced(log: readonly StoredEvent[], query: PathQuery, asOfMs: number): boolean {
  const { sessions, nodes, links } = pathsOf(log, query, asOfMs);
  const backwards = query.start === null && query.end !== null;
  const [outer, inner] = backwards ? (["source", "target"] as const) : (["target", "source"] as const);
  expect(total(nodes.filter(({ depth }) => depth === 0))).toBe(sessions);
  expect(total(nodes.filter(({ kind }) => kind === "end" || kind === "beyond"))).toBe(sessions);
  for (const node of nodes) {
    const enters = total(links.filter((link) => link[outer] === node.id));
    const leaves = total(links.filter((link) => link[inner] === node.id));
    expect(enters).toBe(node.depth === 0 ? 0 : node.sessions);
    expect(leaves).toBe(node.kind === "end" || node.kind === "beyond" ? 0 : node.sessions);
  }
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
  return nodes.some(({ kind, depth }) => kind === "other" && depth > 0);
}

test("as many sessions leave a node as enter it, and each session is once at depth 0", () => {
  let crossed = 0;
  fc.assert(
    fc.property(anyPaths, ({ query, log, asOfMs }) => {
      expectBalanced(log, query, asOfMs);
      // All sessions of the world, with one name at each depth: the others are one node.
      const days = { fromMs: query.fromMs - 30 * tierMs.day, toMs: query.toMs + 30 * tierMs.day };
      const withOthers: PathQuery = { ...query, ...days, by: "eventType", start: null, end: null, depth: 5, nodesMax: 1, filters: [] };
      if (expectBalanced(log, withOthers, asOfMs)) crossed += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(crossed).toBeGreaterThan(0);
});

/** The definition: finds the first event of the session of each event, and cuts the path of each session by its start and end. */
function byDefinition(events: readonly StoredEvent[], query: PathQuery, asOfMs: number): readonly (readonly string[])[] {
  const dayMs = 86_400_000;
  const seen = events
    .filter(({ eventType }) => !["span", "log_record", "metric_point"].includes(eventType))
    .filter(({ timestampMs: ms }) => ms >= query.fromMs - dayMs && ms < query.toMs + dayMs && ms <= asOfMs)
    .sort(inOrder);
  const firstOf = (event: StoredEvent): StoredEvent => {
    if (event.sessionId !== null) return seen.find(({ sessionId }) => sessionId === event.sessionId) as StoredEvent;
    const near = seen.slice(0, seen.indexOf(event)).filter(({ sessionId, userId, timestampMs }) => {
      return sessionId === null && userId === event.userId && event.timestampMs - timestampMs < 1_800_000;
    });
    return near[0] === undefined ? event : firstOf(near[0]);
  };
  const sessions = Map.groupBy(
    seen.filter(({ userId, sessionId }) => userId !== null || sessionId !== null),
    firstOf,
  );
  return [...sessions].flatMap(([first, list]) => {
    const isOut = query.filters.length > 0 && first.context.platform === "ios";
    if (first.timestampMs < query.fromMs || first.timestampMs >= query.toMs || isOut) return [];
    const names = list
      .filter(({ eventType }) => query.by === "eventType" || eventType === "screen_view")
      .map(({ eventType, properties }) => (query.by === "eventType" ? eventType : String(properties["screen"])))
      .filter((name, i, all) => name !== all[i - 1]);
    const from = query.start === null ? 0 : names.indexOf(query.start);
    if (names.length === 0 || from < 0) return [];
    if (query.end === null) return [names.slice(from)];
    const to = names.findIndex((name, i) => name === query.end && (query.start === null || i > from));
    if (to < 0) return [];
    const between = names.slice(from, to + 1);
    return [query.start === null ? between.reverse() : between];
  });
}

test("the links equal those of the paths by definition, for any order of the log", () => {
  let links = 0;
  fc.assert(
    fc.property(anyPaths, ({ query: asked, events, log, asOfMs }) => {
      const query = { ...asked, nodesMax: 30 };
      const graph = pathsOf(log, query, asOfMs);
      const backwards = query.start === null && query.end !== null;
      const expected = byDefinition(events, query, asOfMs).flatMap((names) => {
        const ids = names.slice(0, query.depth).map((name, depth) => `${depth}/step/${name}`);
        const closed = [...ids, `${ids.length}/${names.length > query.depth ? "beyond" : "end"}`];
        return ids.map((id, i) => (backwards ? `${closed[i + 1]} > ${id}` : `${id} > ${closed[i + 1]}`));
      });
      const answered = graph.links.flatMap(({ source, target, sessions }) => Array<string>(sessions).fill(`${source} > ${target}`));
      links += graph.links.filter(({ sessions }) => sessions > 1).length;
      expect(answered.sort()).toEqual(expected.sort());
    }),
    { numRuns: 1_000 },
  );
  expect(links).toBeGreaterThan(10);
});
