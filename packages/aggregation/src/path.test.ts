import type { StoredEvent } from "@trinity/events/event";
import { expect, test } from "vitest";
import { PathAccumulator, type PathQuery } from "./path.ts";
import { type Said, storedEvent } from "./stored-event.testing.ts";

const minute = 60_000;
const day = 1_440;
const startMs = Date.UTC(2026, 10, 22);
const query: PathQuery = {
  fromMs: startMs,
  toMs: startMs + day * minute,
  by: "eventType",
  start: null,
  end: null,
  depth: 5,
  nodesMax: 30,
  filters: [],
};

/** @param minutes after the start of the range */
const at = (minutes: number, eventType: string, said: Partial<Said> = {}) =>
  storedEvent({ userId: "ana", ...said, eventType, at: startMs + minutes * minute });
const login = (minutes: number, said?: Partial<Said>) => at(minutes, "user_login", said);
const join = (minutes: number, said?: Partial<Said>) => at(minutes, "join_room", said);
const vote = (minutes: number, said?: Partial<Said>) => at(minutes, "vote_content", said);
const screen = (minutes: number, name: string) => at(minutes, "screen_view", { properties: { screen: name } });
const of = (userId: string, ...events: readonly StoredEvent[]) => events.map((event) => ({ ...event, userId: userId as never }));

function pathsOf(events: readonly StoredEvent[], change: Partial<PathQuery> = {}, asOfMs = Number.MAX_SAFE_INTEGER) {
  const accumulator = new PathAccumulator({ ...query, ...change }, asOfMs);
  for (const event of events) accumulator.add(event);
  return accumulator.paths();
}

/** Links as text, `source > target x sessions`. */
const linksOf = (...asked: Parameters<typeof pathsOf>) =>
  pathsOf(...asked).links.map(({ source, target, sessions }) => `${source} > ${target} x ${sessions}`);

test("sessions are merged into one graph, and each of them ends in an end node", () => {
  const { sessions, nodes, links } = pathsOf([
    ...of("ana", login(0), join(1), vote(2)),
    ...of("bea", login(0), join(5)),
    ...of("cai", vote(0)),
  ]);
  expect(sessions).toBe(3);
  expect(nodes).toEqual([
    { id: "0/step/user_login", depth: 0, kind: "step", name: "user_login", sessions: 2 },
    { id: "0/step/vote_content", depth: 0, kind: "step", name: "vote_content", sessions: 1 },
    { id: "1/step/join_room", depth: 1, kind: "step", name: "join_room", sessions: 2 },
    { id: "1/end", depth: 1, kind: "end", name: "end", sessions: 1 },
    { id: "2/step/vote_content", depth: 2, kind: "step", name: "vote_content", sessions: 1 },
    { id: "2/end", depth: 2, kind: "end", name: "end", sessions: 1 },
    { id: "3/end", depth: 3, kind: "end", name: "end", sessions: 1 },
  ]);
  expect(links).toEqual([
    { source: "0/step/user_login", target: "1/step/join_room", sessions: 2 },
    { source: "0/step/vote_content", target: "1/end", sessions: 1 },
    { source: "1/step/join_room", target: "2/step/vote_content", sessions: 1 },
    { source: "1/step/join_room", target: "2/end", sessions: 1 },
    { source: "2/step/vote_content", target: "3/end", sessions: 1 },
  ]);
});

test("equal names in a row are one step", () => {
  expect(linksOf([login(0), vote(1), vote(2), vote(3), login(4)])).toEqual([
    "0/step/user_login > 1/step/vote_content x 1",
    "1/step/vote_content > 2/step/user_login x 1",
    "2/step/user_login > 3/end x 1",
  ]);
});

test("a path with more steps than the depth ends in beyond, and a path that ends at the depth in end", () => {
  const events = [login(0), join(1), vote(2)];
  expect(linksOf(events, { depth: 2 }).at(-1)).toBe("1/step/join_room > 2/beyond x 1");
  expect(linksOf(events, { depth: 3 }).at(-1)).toBe("2/step/vote_content > 3/end x 1");
});

test("a gap of 30 minutes separates events without a session id, and a gap of a millisecond less does not", () => {
  expect(pathsOf([login(0), join(30)]).sessions).toBe(2);
  expect(pathsOf([login(0), join(30 - 1 / minute)]).sessions).toBe(1);
});

test("events with the same session id are one session, for any users and any gaps", () => {
  const named = { sessionId: "one" };
  expect(linksOf([login(0, named), join(600, { ...named, userId: "bea" }), vote(601, { ...named, userId: null })])).toEqual([
    "0/step/user_login > 1/step/join_room x 1",
    "1/step/join_room > 2/step/vote_content x 1",
    "2/step/vote_content > 3/end x 1",
  ]);
});

test("events with neither user nor session, and telemetry, are in no path", () => {
  expect(pathsOf([login(0, { userId: null }), at(1, "log_record")])).toEqual({ sessions: 0, nodes: [], links: [] });
});

test("a session counts if it starts in the range, and is followed beyond the range", () => {
  expect(pathsOf([login(-1), join(1)]).sessions).toBe(0);
  expect(pathsOf([login(-1, { sessionId: "one" }), join(600, { sessionId: "one" })]).sessions).toBe(0);
  expect(linksOf([login(day - 1), join(day + 1)])).toEqual(["0/step/user_login > 1/step/join_room x 1", "1/step/join_room > 2/end x 1"]);
  expect(pathsOf([login(day)]).sessions).toBe(0);
});

test("events of a session are read from one day before the range to one day after it", () => {
  const named = { sessionId: "one" };
  expect(pathsOf([login(-day, named), join(1, named)]).sessions).toBe(0);
  expect(pathsOf([login(-day - 1, named), join(1, named)]).sessions).toBe(1);
  expect(linksOf([login(1, named), join(2 * day, named)])).toEqual(["0/step/user_login > 1/end x 1"]);
});

test("an event after the present does not count yet", () => {
  expect(linksOf([login(0), join(1), vote(2)], {}, startMs + minute).at(-1)).toBe("1/step/join_room > 2/end x 1");
});

test("events at one instant are in the order of their ids", () => {
  expect(linksOf([login(0, { eventId: "b" }), join(0, { eventId: "a" })])[0]).toBe("0/step/join_room > 1/step/user_login x 1");
});

test("with a start, paths begin with the first step of that name, and sessions without it have no path", () => {
  expect(linksOf([...of("ana", login(0), join(1), vote(2), join(3)), ...of("bea", login(0))], { start: "join_room" })).toEqual([
    "0/step/join_room > 1/step/vote_content x 1",
    "1/step/vote_content > 2/step/join_room x 1",
    "2/step/join_room > 3/end x 1",
  ]);
});

test("with only an end, paths are read backwards from it, and links point forward in time", () => {
  const { sessions, links } = pathsOf([...of("ana", login(0), join(1), vote(2), vote(9)), ...of("bea", vote(0)), ...of("cai", join(0))], {
    end: "vote_content",
  });
  expect(sessions).toBe(2);
  expect(links).toEqual([
    { source: "1/step/join_room", target: "0/step/vote_content", sessions: 1 },
    { source: "1/end", target: "0/step/vote_content", sessions: 1 },
    { source: "2/step/user_login", target: "1/step/join_room", sessions: 1 },
    { source: "3/end", target: "2/step/user_login", sessions: 1 },
  ]);
});

test("with a start and an end, paths go from the first start to the first end after it", () => {
  const ends = { start: "join_room", end: "vote_content" };
  expect(linksOf([vote(0), join(1), login(2), vote(3), join(4), vote(5)], ends)).toEqual([
    "0/step/join_room > 1/step/user_login x 1",
    "1/step/user_login > 2/step/vote_content x 1",
    "2/step/vote_content > 3/end x 1",
  ]);
  expect(pathsOf([vote(0), join(1)], ends).sessions).toBe(0);
});

test("by screen, only shown screens are steps", () => {
  const events = [login(0), screen(1, "/home"), vote(2), screen(3, "/home"), screen(4, "/room/[id]"), at(5, "screen_view")];
  expect(linksOf(events, { by: "screen" })).toEqual(["0/step//home > 1/step//room/[id] x 1", "1/step//room/[id] > 2/end x 1"]);
  expect(pathsOf([login(0)], { by: "screen" }).sessions).toBe(0);
});

test("a session starts with its first event, even if that is not a screen", () => {
  expect(pathsOf([login(-1), screen(1, "/home")], { by: "screen" }).sessions).toBe(0);
});

test("the rarer names of a depth are one node; of equally frequent names the first in text order has its own", () => {
  const votes = [...of("ana", vote(0)), ...of("bea", vote(0))];
  const logins = [...of("cai", login(0)), ...of("dan", login(0))];
  const events = [...votes, ...logins, ...of("eve", join(0), vote(1))];
  const { nodes, links } = pathsOf(events, { nodesMax: 1 });
  expect(nodes.filter(({ depth }) => depth === 0).map(({ id, sessions }) => [id, sessions])).toEqual([
    ["0/step/user_login", 2],
    ["0/other", 3],
  ]);
  expect(links).toContainEqual({ source: "0/other", target: "1/step/vote_content", sessions: 1 });
});

test("a screen called other is not counted with the rarer names", () => {
  const events = [...of("ana", screen(0, "other")), ...of("bea", screen(0, "other")), ...of("cai", screen(0, "/home"))];
  const { nodes } = pathsOf(events, { by: "screen", nodesMax: 1 });
  expect(nodes.slice(0, 2).map(({ id, sessions }) => [id, sessions])).toEqual([
    ["0/step/other", 2],
    ["0/other", 1],
  ]);
});

test("filters select sessions by the context of their first event", () => {
  const filters = [{ dimension: "platform", values: ["ios"], negated: false }] as const;
  const [ios, android] = [{ context: { platform: "ios" } }, { context: { platform: "android" } }];
  expect(pathsOf([login(0, ios), join(1, android)], { filters }).links).toHaveLength(2);
  expect(pathsOf([login(0, android), join(1, ios)], { filters }).sessions).toBe(0);
});
