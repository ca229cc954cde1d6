import { tierMs } from "@trinity/aggregation/bucket";
import { funnelHolds } from "@trinity/aggregation/funnel";
import { funnelOrders } from "@trinity/aggregation/funnel-attempt";
import type { Filter } from "@trinity/aggregation/metric-query";
import { type PathQuery, pathNamings } from "@trinity/aggregation/path";
import { anyCuts, anyWorld, foldsOf, type World } from "@trinity/aggregation/world-arbitrary";
import type { LogColumns } from "@trinity/columns/log-columns";
import { createSealedWorlds } from "@trinity/columns/sealed-world";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { ask } from "../asking.testing.ts";
import type { QuestionOf } from "../questions.ts";

vi.setConfig({ testTimeout: 240_000 });

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

const types = ["vote_content", "room_created", "join_room", "screen_view", "title_shown", "span"];
/** Texts that are easily confused: two of them differ in a mark at the start, in a character 0, or beyond the basic plane. */
const oddTexts = ["/home", "\ufeff/home", "/ho\u0000me", "other", "\u{1f3ac}", "\uff5e", "it's"];
const oddIdOf = { ana: "ana", bea: "\ufeffana", cai: "\u{1f3ac}" } as Readonly<Record<string, string>>;

/** Events of few instants, so that many are at one; in some worlds of few hours, one user and one session; with screens and components of any name. */
const anyEvents = fc
  .record({
    world: anyWorld,
    cuts: anyCuts,
    instantMs: fc.constantFrom(1, tierMs.hour, tierMs.hour, 5 * tierMs.hour),
    isDense: fc.boolean(),
    isBusy: fc.boolean(),
    hasSessions: fc.constantFrom("some", "none", "all" as const),
    odd: fc.array(fc.nat(oddTexts.length - 1), { minLength: 40, maxLength: 40 }),
  })
  .map(({ world: { events, aroundMs }, cuts, instantMs, isDense, isBusy, hasSessions, odd }) => {
    const changed = events.map((event, i): StoredEvent => {
      const userId = isBusy ? "ana" : event.userId;
      const sessionId = { some: event.sessionId, none: null, all: "session-1" }[hasSessions] as Pseudonym | null;
      const said = oddTexts[odd[i] as number] as string;
      return {
        ...event,
        timestampMs: isDense ? aroundMs - (odd[i] as number) * tierMs.hour : Math.floor(event.timestampMs / instantMs) * instantMs,
        userId: userId === null ? null : (oddIdOf[userId] as Pseudonym),
        sessionId,
        properties: event.eventType === "screen_view" && said !== "other" ? { ...event.properties, screen: said } : event.properties,
        source: odd[i] === 0 ? { ...event.source, component: "web" } : event.source,
      };
    });
    return { aroundMs, folds: foldsOf(changed, cuts, aroundMs) };
  });

const anyFilters = fc.constantFrom<readonly Filter[]>(
  [],
  [],
  [],
  [],
  [{ dimension: "platform", values: ["ios"], negated: false }],
  [{ dimension: "platform", values: ["ios"], negated: true }],
  [{ dimension: "platform", values: ["unknown", "android"], negated: false }],
  [
    { dimension: "source", values: ["app"], negated: false },
    { dimension: "ageBand", values: ["18-24"], negated: true },
  ],
  [{ dimension: "genre", values: ["comedy", "unknown"], negated: false }],
);

const anyRange = fc.record({
  fromMs: fc.oneof(fc.integer({ min: -100, max: 1 }), fc.constant(-120)).map((halfHours) => (halfHours * tierMs.hour) / 2),
  lengthMs: fc.constantFrom(1, tierMs.hour, tierMs.day, 9 * tierMs.day, 9 * tierMs.day, 9 * tierMs.day, 9 * tierMs.day),
  filters: anyFilters,
});
type AnyRange = { readonly fromMs: number; readonly lengthMs: number };
const around = <Asked extends AnyRange>({ lengthMs, ...asked }: Asked, aroundMs: number) => ({
  ...asked,
  fromMs: aroundMs + asked.fromMs,
  toMs: aroundMs + asked.fromMs + lengthMs,
});

const anyFunnel = fc
  .record({
    range: anyRange,
    steps: fc.array(fc.constantFrom("vote_content", "join_room", "join_room", "screen_view", "span", "it's"), {
      minLength: 1,
      maxLength: 4,
    }),
    windowMs: fc.constantFrom(1, tierMs.hour, tierMs.day, 9 * tierMs.day, 9 * tierMs.day),
    order: fc.constantFrom(...funnelOrders),
    hold: fc.constantFrom(null, null, null, ...funnelHolds),
  })
  .map(
    ({ range, ...asked }) =>
      (aroundMs: number): QuestionOf<"funnel"> => ({ kind: "funnel", ...asked, ...around(range, aroundMs) }),
  );

const anyPaths = fc
  .constantFrom(...pathNamings)
  .chain((by) => {
    const anyName = fc.constantFrom(null, null, null, null, ...(by === "screen" ? oddTexts : types));
    const depth = fc.integer({ min: 1, max: 5 });
    return fc.record({ range: anyRange, by: fc.constant(by), start: anyName, end: anyName, depth, nodesMax: fc.constantFrom(1, 30) });
  })
  .map(
    ({ range, ...asked }) =>
      (aroundMs: number): QuestionOf<"paths"> => ({ kind: "paths", ...asked, ...around(range, aroundMs) }),
  );

/** A store, sealed after some of its folds, and its columns, which note how often lists were read. */
async function storeOf(folds: World["folds"], isSealedAfter: readonly boolean[]) {
  const { store, columns: opened } = await worlds.open(folds, isSealedAfter);
  const reads = { lists: 0 };
  const readLists: LogColumns["readLists"] = async (...all) => {
    reads.lists += 1;
    const taker = await opened.readLists(...all);
    expect(taker).not.toBeNull();
    return taker;
  };
  return { store, columns: { ...opened, readLists }, reads };
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - funnels and paths are the same whether events are read from columns or from the log", async () => {
  /** How many questions read lists once, and how many read some again for the order of events of one instant. */
  const answered = { funnel: { once: 0, twice: 0, late: 0 }, paths: { once: 0, twice: 0, late: 0 } };
  await fc.assert(
    fc.asyncProperty(
      anyEvents,
      fc.array(fc.boolean()),
      fc.array(fc.oneof(anyFunnel, anyPaths), { minLength: 6, maxLength: 10 }),
      fc.constantFrom(0, 9 * tierMs.day, 9 * tierMs.day),
      async ({ aroundMs, folds }, isSealedAfter, questions, presentMs) => {
        const { store, columns, reads } = await storeOf(folds, isSealedAfter);
        for (const questionAt of questions) {
          const question = questionAt(aroundMs);
          const nowMs = aroundMs + presentMs;
          const before = reads.lists;
          const expected = await ask(store, question, nowMs);
          expect(await ask(store, question, nowMs, columns)).toEqual(expected);
          const counts = answered[question.kind];
          const times = reads.lists - before;
          if (times > 0) counts[times === 1 ? "once" : "twice"] += 1;
          if (times > 0 && reachesFar(expected.data)) counts.late += 1;
        }
      },
    ),
    { numRuns: 100, endOnFailure: true },
  );
  expect(Math.min(...Object.values(answered).flatMap((counts) => Object.values(counts)))).toBeGreaterThan(4);
});

const position = (batch: number, index: number) => ({ position: { batch, index } });
const session = (sessionId: string) => ({ sessionId: sessionId as Pseudonym });
const component = (name: string) => ({ source: { system: "app", component: name } });

test.each<[string, number, Partial<StoredEvent>, Partial<StoredEvent>]>([
  ["the step is known to come before", 0, { sequence: 1 }, { sequence: 2 }],
  ["the order is that of the numbers, not of the events", 1, { sequence: 10 }, { sequence: 9 }],
  ["a number of one session says nothing of another", 1, { sequence: 1, ...session("a") }, { sequence: 2, ...session("b") }],
  ["nor one of a component", 1, { sequence: 1, ...component("web") }, { sequence: 2, ...component("phone") }],
  ["nor a position in a request", 1, position(1, 0), position(2, 1)],
  ["of one request it does", 0, position(7, 0), position(7, 1)],
  ["a position and a sequence number are two counters", 1, position(7, 0), { sequence: 1 }],
  ["a repeated number says nothing", 1, { sequence: 1 }, { sequence: 1 }],
  ["without numbers the order is unknown", 1, {}, {}],
])("at one instant, from columns as from chunks: %s", async (_, converted, ofVote, ofJoin) => {
  const of = (eventId: string, eventType: string, change: Partial<StoredEvent>) =>
    newEvent(eventId, { eventType, userId: "ana" as Pseudonym, sessionId: null, roomId: null, properties: {}, ...change }).event;
  const events = [of("vote", "media_viewed", ofVote), of("join", "user_login", ofJoin)];
  const chunk = { seq: 1, receivedAtMs: noonMs, receipts: [], events };
  const { store, columns } = await storeOf([{ chunks: [chunk], foldedAtMs: noonMs + 100 }], [true]);
  const range = { fromMs: noonMs - tierMs.day, toMs: noonMs + tierMs.day, windowMs: tierMs.day, filters: [] };
  const question = { kind: "funnel", steps: ["user_login", "media_viewed"], order: "ordered", hold: null, ...range } as const;
  const usersOf = async (...from: readonly LogColumns[]) =>
    (await ask(store, question, noonMs + tierMs.day, ...from)).data.steps.map(({ users }) => users);
  expect([await usersOf(columns), await usersOf()]).toEqual([
    [1, converted],
    [1, converted],
  ]);
});

test.each<[string, Pick<PathQuery, "start" | "end">]>([
  ["a path from the first step", { start: null, end: null }],
  ["a path from a step", { start: "user_login", end: null }],
  ["a path to a step, backwards", { start: null, end: "room_started" }],
  ["a path between two steps", { start: "user_login", end: "room_started" }],
])("steps at one instant are in the order of their ids, from columns as from chunks: %s", async (_, ends) => {
  const pathsOf = async (first: string, second: string) => {
    const of = (eventId: string, eventType: string, minutes: number) => {
      const change = { eventType, timestampMs: noonMs + minutes * 60_000, sessionId: "one" as Pseudonym, properties: {} };
      return newEvent(eventId, { userId: null, roomId: null, ...change }).event;
    };
    const tied = [of("b", second, 1), of("a", first, 1)];
    const events = [of("x", "user_login", 0), ...tied, of("y", "room_started", 2), of("z", "user_login", 3)];
    const chunk = { seq: 1, receivedAtMs: noonMs, receipts: [], events };
    const { store, columns } = await storeOf([{ chunks: [chunk], foldedAtMs: noonMs + 100 }], [true]);
    const range = { fromMs: noonMs - tierMs.day, toMs: noonMs + tierMs.day, filters: [] };
    const question = { kind: "paths", by: "eventType", depth: 4, nodesMax: 30, ...ends, ...range } as const;
    const { data } = await ask(store, question, noonMs + tierMs.day, columns);
    expect(data).toEqual((await ask(store, question, noonMs + tierMs.day)).data);
    return data;
  };
  expect(await pathsOf("room_created", "media_viewed")).not.toEqual(await pathsOf("media_viewed", "room_created"));
});

test.each<[string, number, (first: number) => Partial<StoredEvent>]>([
  ["their positions", 1, (first) => position(7, first)],
  ["their sequence numbers", 1, (first) => ({ sequence: first })],
  ["sequence numbers too great for the lists", 2, (first) => ({ sequence: 2 ** 53 - 2 + first })],
])("steps at one instant are in the order of %s before their ids, from columns as from chunks", async (_, reads, orderOf) => {
  const of = (eventId: string, eventType: string, change: Partial<StoredEvent>) =>
    newEvent(eventId, { ...session("one"), userId: null, roomId: null, eventType, properties: {}, ...change }).event;
  const events = [of("a", "room_started", orderOf(1)), of("b", "user_login", orderOf(0))];
  const chunk = { seq: 1, receivedAtMs: noonMs, receipts: [], events };
  const { store, columns, reads: counted } = await storeOf([{ chunks: [chunk], foldedAtMs: noonMs + 100 }], [true]);
  const range = { fromMs: noonMs - tierMs.day, toMs: noonMs + tierMs.day, filters: [] };
  const question = { kind: "paths", by: "eventType", start: null, end: null, depth: 2, nodesMax: 9, ...range } as const;
  const { data } = await ask(store, question, noonMs + tierMs.day, columns);
  expect(data).toMatchObject({ nodes: [{ id: "0/step/user_login" }, { id: "1/step/room_started" }, { id: "2/end" }] });
  expect(counted.lists).toBe(reads);
});

test("a path has events whose value of a filtered dimension is unknown, from columns as from chunks", async () => {
  const of = (eventType: string, minutes: number, sessionId: string, context: StoredEvent["context"]) => {
    const change = { ...session(sessionId), timestampMs: noonMs + minutes * 60_000, eventType, properties: {}, context };
    return newEvent(`${eventType}-${sessionId}`, change).event;
  };
  const known = { platform: "ios" };
  const ofOne = [of("user_login", 0, "one", known), of("room_started", 1, "one", {})];
  const events = [...ofOne, of("user_login", 0, "two", {}), of("room_started", 1, "two", known)];
  const chunk = { seq: 1, receivedAtMs: noonMs, receipts: [], events };
  const { store, columns } = await storeOf([{ chunks: [chunk], foldedAtMs: noonMs + 100 }], [true]);
  const filters = [{ dimension: "platform", values: ["ios"], negated: false }] as const;
  const range = { fromMs: noonMs - tierMs.day, toMs: noonMs + tierMs.day, filters };
  const question = { kind: "paths", by: "eventType", start: null, end: null, depth: 3, nodesMax: 9, ...range } as const;
  const { data } = await ask(store, question, noonMs + tierMs.day, columns);
  expect(data).toMatchObject({ sessions: 1, nodes: [{ id: "0/step/user_login" }, { id: "1/step/room_started" }, { id: "2/end" }] });
  expect(data).toEqual((await ask(store, question, noonMs + tierMs.day)).data);
});

/** Whether an answer has more than the first step. */
function reachesFar(data: object): boolean {
  if ("steps" in data) return ((data.steps as readonly { readonly users: number }[])[1]?.users ?? 0) > 0;
  return "nodes" in data && (data.nodes as readonly { readonly depth: number }[]).some(({ depth }) => depth > 1);
}
