import type { StoredEvent } from "@trinity/events/event";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";
import {
  abandonmentAnswer,
  recommendationsAnswer,
  roomAnswer,
  roomComparisonAnswer,
  roomPerformanceAnswer,
  survivalAnswer,
} from "./rooms-answer.ts";

const noonMs = Date.parse("2026-11-10T12:00:00Z");
const minuteMs = 60_000;

type Told = readonly [minutes: number, eventType: string, userId: string | null, properties?: StoredEvent["properties"]];

/** What happened in a room, so many minutes after noon of the day. */
const room = (roomId: string, ...told: readonly Told[]) =>
  told.map(([minutes, eventType, userId, properties = {}]) => ({
    ...storedEvent({ roomId, eventType, timestampMs: noonMs + minutes * minuteMs, properties }),
    userId: userId as StoredEvent["userId"],
  }));

const opened = (seats: number): Told => [0, "room_created", "ana", { seats, mediaType: "movie", genres: ["comedy"], titleCount: 50 }];
const vote = (minutes: number, userId: string, answer: string, contentId = "movie:1"): Told => [
  minutes,
  "vote_content",
  userId,
  { contentId, vote: answer, genres: ["comedy"] },
];

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await appendAndFold(api.store, [
    ...room(
      "r_matched",
      opened(2),
      [1, "join_room", "bea"],
      vote(2, "ana", "like"),
      vote(3, "bea", "dislike", "movie:2"),
      vote(4, "bea", "like"),
      [4, "match_found", null, { contentId: "movie:1" }],
      [4, "consensus_achieved", null, { contentId: "movie:1" }],
    ),
    ...room("r_closed", opened(2), [1, "join_room", "cai"], vote(2, "ana", "like"), vote(3, "cai", "skip"), [12, "no_consensus", null]),
    ...room("r_alone", opened(3), vote(5, "ana", "like"), [30, "leave_room", "ana"]),
    ...room(
      "r_other_day",
      [-1_440, "room_created", "ana", { seats: 4, mediaType: "tv", genres: ["drama"] }],
      [-1_430, "room_started", null],
    ),
  ]);
});
afterAll(() => api.close());

const day = "from=2026-11-10&to=2026-11-12";
const get = async (path: string) => {
  const { status, json } = await api.get(`/api/v1/rooms/${path}`);
  expect(status).toBe(200);
  return json;
};
type Json = ReturnType<typeof JSON.parse>;

test("survival: one curve of the rooms that started, a match as event, a close and an abandonment as censorings", async () => {
  const answer = await get(`survival?${day}`);
  expect(() => survivalAnswer.parse(answer)).not.toThrow();
  expect(answer.curves).toMatchObject([
    { by: {}, rooms: 3, matched: 1, medianMs: null, points: [{ ms: 2 * minuteMs, atRisk: 3, events: 1, survival: 1 - 1 / 3 }] },
  ]);
  const bySeats = await get(`survival?${day}&by=seats&filter=roomSize:2,3`);
  expect(bySeats.curves.map(({ by, rooms, matched }: Json) => [by, rooms, matched])).toEqual([
    [{ seats: "2" }, 2, 1],
    [{ seats: "3" }, 1, 0],
  ]);
});

test("performance: the funnel, and every number beside the period before", async () => {
  const answer = await get(`performance?${day}`);
  expect(() => roomPerformanceAnswer.parse(answer)).not.toThrow();
  expect(answer.funnel.steps.map(({ step, rooms, roomsInAnyOrder }: Json) => [step, rooms, roomsInAnyOrder])).toEqual([
    ["created", 3, 3],
    ["second_member", 2, 2],
    ["seats_filled", 2, 2],
    ["first_vote", 2, 3],
    ["match", 1, 1],
  ]);
  expect(answer.funnel.steps[4]).toMatchObject({
    ofCreated: { numerator: 1, denominator: 3 },
    ofStepBefore: { numerator: 1, denominator: 2 },
  });
  expect(answer.previous).toEqual({ from: "2026-11-08T00:00:00.000Z", to: "2026-11-10T00:00:00.000Z" });
  const metric = (name: string) => answer.metrics.find((one: Json) => one.name === name);
  expect(metric("rooms_created")).toMatchObject({ unit: "rooms", totals: [{ value: 3 }], previous: [{ value: 1 }] });
  expect(metric("rooms_ended").totals).toEqual([
    { by: { ending: "abandoned" }, value: 2 },
    { by: { ending: "consensus" }, value: 1 },
    { by: { ending: "no_consensus" }, value: 1 },
  ]);
  expect(metric("room_satisfaction").formula).toContain("participation");
  expect((await api.get(`/api/v1/analytics/rooms/performance?${day}`)).json).toEqual(answer);
});

test("comparison: each size with its numbers, the difference to all others, and the size that does best", async () => {
  const answer = await get(`compare?${day}`);
  expect(() => roomComparisonAnswer.parse(answer)).not.toThrow();
  expect(answer.groups.map(({ by }: Json) => by)).toEqual([{ roomSize: "2" }, { roomSize: "3" }, { roomSize: "4" }]);
  const [two] = answer.groups;
  expect(two.metrics.find(({ name }: Json) => name === "consensus_rate")).toMatchObject({ numerator: 1, denominator: 2, value: 0.5 });
  // The room of four seats was created the day before, and given up on this one.
  expect(two.consensusAgainstOthers.difference).toBe(0.5);
  expect(answer.optimalSize.best).toMatchObject({ roomSize: "2", consensus: 1, rooms: 2 });
});

test("abandonment: what the abandoned rooms alone have", async () => {
  const answer = await get(`abandonment?${day}`);
  expect(() => abandonmentAnswer.parse(answer)).not.toThrow();
  expect([answer.ended, answer.abandoned, answer.leftOut]).toEqual([4, 2, []]);
  const found = answer.patterns.map(({ attribute, value }: Json) => `${attribute} ${value}`);
  expect(found).toEqual(expect.arrayContaining(["seatsFilled false", "lastEvent leave_room", "lastEvent room_started", "members 1"]));
  expect((await get(`abandonment?${day}&limit=1`)).patterns).toEqual(answer.patterns.slice(0, 1));
});

test("recommendations: none of so few rooms", async () => {
  const answer = await get(`recommendations?${day}`);
  expect(() => recommendationsAnswer.parse(answer)).not.toThrow();
  expect([answer.ended, answer.recommendations]).toEqual([4, []]);
});

test("recommendations: the finding, the advice and its evidence, once there are rooms enough", async () => {
  const own = await startTestApi();
  const ids = Array.from({ length: 15 }, (_, i) => i);
  await appendAndFold(own.store, [
    ...ids.flatMap((i) => room(`r_full_${i}`, opened(2), [1, "join_room", "bea"], [4, "match_found", null, { contentId: "movie:1" }])),
    ...ids.flatMap((i) => room(`r_alone_${i}`, opened(2), vote(5, "ana", "like"))),
  ]);
  const { json } = await own.get(`/api/v1/rooms/recommendations?${day}`);
  expect(() => recommendationsAnswer.parse(json)).not.toThrow();
  expect(json.recommendations).toMatchObject([
    {
      finding: "seats_never_fill",
      evidence: {
        metric: "consensus_rate",
        value: 0,
        rooms: 15,
        comparedWith: { value: 1, denominator: 15 },
        difference: { difference: -1 },
      },
    },
  ]);
  await own.close();
});

describe("one room", () => {
  test("is shown with its milestones, people, titles, steps and the parts of its satisfaction", async () => {
    const answer = await get("r_matched");
    expect(() => roomAnswer.parse(answer)).not.toThrow();
    expect(answer).toMatchObject({
      roomId: "r_matched",
      seats: 2,
      state: "consensus",
      milestones: {
        created: "2026-11-10T12:00:00.000Z",
        started: "2026-11-10T12:02:00.000Z",
        ended: "2026-11-10T12:04:00.000Z",
        closed: null,
      },
      people: [
        { userId: "ana", member: true, votes: 1, droppedOut: false },
        { userId: "bea", member: true, votes: 2, droppedOut: false },
      ],
      titles: [
        { contentId: "movie:1", votes: 2, likes: 2, matched: true },
        { contentId: "movie:2", votes: 1, likes: 0, matched: false },
      ],
      satisfaction: { parts: { participation: 1, agreement: 1, staying: 1 } },
    });
    // It is the only room of its size that agreed, so its own time is what is usual, to the half percent of a histogram.
    expect(answer.satisfaction.parts.timeliness).toBeCloseTo(0.5, 6);
    expect(answer.satisfaction.usualMs / (2 * minuteMs)).toBeCloseTo(1, 2);
    expect(answer.steps.every(({ reached }: Json) => reached)).toBe(true);
  });

  test.each(["r_nobody", "__proto__", "r_matched%2Fmovie:1"])("that is not known by %s is not found", async (roomId) => {
    const { status, json } = await api.get(`/api/v1/rooms/${roomId}`);
    expect([status, json.type]).toEqual([404, "/problems/not-found"]);
  });

  test("has a number that is held against the period up to its own end only", async () => {
    const own = await startTestApi();
    await appendAndFold(own.store, [
      ...room("r_before", opened(2), vote(1, "ana", "like"), [3, "match_found", null, { contentId: "movie:1" }]),
      ...room("r_after", [600, "room_created", "ana", { seats: 2 }], vote(601, "ana", "like"), [
        701,
        "match_found",
        null,
        { contentId: "movie:1" },
      ]),
    ]);
    const usual = async (roomId: string) => (await own.get(`/api/v1/rooms/${roomId}`)).json.satisfaction.usualMs / minuteMs;
    expect(await usual("r_before")).toBeCloseTo(2, 1);
    expect(await usual("r_after")).toBeCloseTo(2, 1);
    await own.close();
  });
});

test.each([
  ["survival?from=2026-11-10", "to"],
  [`survival?${day}&by=roomSize`, "by"],
  [`survival?${day}&filter=platform:ios`, "filter"],
  [`performance?${day}&filter=ending:consensus`, "filter"],
  [`performance?${day}&granularity=day`, "granularity"],
  [`compare?${day}&by=ending`, "by"],
  [`abandonment?${day}&limit=0`, "limit"],
  [`abandonment?${day}&limit=201`, "limit"],
  [`recommendations?${day}&tz=Mars/Olympus`, "tz"],
])("%s is refused as problem details that name %s", async (path, name) => {
  const { status, json } = await api.get(`/api/v1/rooms/${path}`);
  expect([status, json.type]).toEqual([400, "/problems/invalid-input"]);
  expect(json.errors.map((error: Json) => error.path)).toContain(name);
});

test("more rooms than one answer may keep are answered with 422, and those that are only counted are not", async () => {
  const inner = openMemoryStore();
  const tooMany: EventStore["readRollups"] = async (ranges, userRanges) => {
    const snapshot = await inner.readRollups(ranges, userRanges);
    const cellOf = ({ set, tier, fromMs }: CellRange) => ({ set, tier, bucketMs: fromMs, value: "", amounts: Float64Array.of(0, 500_001) });
    const isCount = ({ set }: CellRange) => ["room_creation", "room_start", "room_end"].includes(set);
    return { ...snapshot, cells: ranges.map((range, i) => (isCount(range) ? [cellOf(range)] : (snapshot.cells[i] ?? []))) };
  };
  const store = { ...inner, readRollups: tooMany };
  const own = await startTestApi({ store });
  for (const path of ["survival", "recommendations"]) {
    const { status, json } = await own.get(`/api/v1/rooms/${path}?${day}`);
    expect([status, json.type]).toEqual([422, "/problems/unprocessable"]);
  }
  for (const path of ["performance", "abandonment"]) expect((await own.get(`/api/v1/rooms/${path}?${day}`)).status).toBe(200);
  await own.close();
});

test("a path of rooms is answered by its own method only, also under an older name", async () => {
  for (const path of ["/rooms/performance", "/analytics/rooms/performance"]) {
    const { status, headers } = await api.send("POST", `/api/v1${path}`, "{}");
    expect([status, headers.get("allow")]).toEqual([405, "GET"]);
  }
});
