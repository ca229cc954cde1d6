import { createTRPCClient, httpLink } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, testNowMs } from "./api-app.testing.ts";
import { listProcedures } from "./procedure-list.ts";
import type { AppRouter } from "./router.ts";
import { openSimulatedStore } from "./simulated-store.testing.ts";

type Json = ReturnType<typeof JSON.parse>;

// A small community, seen in the midst of its second week: some rooms are open, some rates are over little.
const range = { from: "2026-11-16", to: "2026-11-23" };
const query = new URLSearchParams(range);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ store: await openSimulatedStore(11, testNowMs - 10 * 86_400_000, testNowMs, 0.6) });
}, 60_000);
afterAll(() => api.close());

const asked = [
  "rooms/survival",
  "rooms/survival?by=seats",
  "rooms/survival?by=genre",
  "rooms/performance",
  "rooms/performance?filter=roomSize:2",
  "rooms/compare",
  "rooms/compare?by=genre",
  "rooms/compare?by=mediaType",
  "rooms/abandonment?limit=200",
  "rooms/recommendations",
  "content/preferences",
  "content/preferences?by=hourOfDay&tz=Europe/Madrid",
  "content/performance?limit=200",
  "content/performance?sort=matchingPower&filter=genre:comedy",
  "content/trends?limit=200",
  "content/trends?by=title&limit=200",
  "content/rejections?limit=200",
];

const answerTo = async (path: string) => {
  const { status, json } = await api.get(`/api/v1/${path}${path.includes("?") ? "&" : "?"}${query}`);
  expect(status).toBe(200);
  return json;
};

/** Everything in an answer that is an object, at any depth. */
function* objectsIn(value: Json): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value;
  for (const one of Object.values(value)) yield* objectsIn(one);
}

const rounding = 1e-9;
const expectWithin = (value: number, low: number | null, high: number | null) => {
  if (low !== null) expect(value).toBeGreaterThanOrEqual(low - rounding);
  if (high !== null) expect(value).toBeLessThanOrEqual(high + rounding);
};

test.each(asked)("%s answers as it says it does, with shares within 0 and 1 and every number within its interval", async (path) => {
  const answer = await answerTo(path);
  const procedure = listProcedures().find(({ rest }) => `/${path.split("?", 1)[0]}` === rest.path);
  expect(() => procedure?.answer.parse(answer)).not.toThrow();
  let numbers = 0;
  for (const one of objectsIn(answer)) {
    if (typeof one.denominator === "number") {
      numbers += 1;
      expectWithin(one.numerator, 0, one.denominator);
      expect(one.value).toBe(one.denominator === 0 ? null : one.numerator / one.denominator);
      if (one.value !== null) expectWithin(one.value, one.interval[0], one.interval[1]);
    } else if (Array.isArray(one.interval)) expectWithin(one.value, one.interval[0], one.interval[1]);
    if (typeof one.difference === "number") expectWithin(one.difference, one.low, one.high);
    if (typeof one.lift === "number") expectWithin(one.lift, one.low, one.high);
    if (typeof one.ratio === "number") expectWithin(one.ratio, one.low, one.high);
    if (typeof one.survival === "number") expectWithin(one.survival, Math.max(0, one.low), Math.min(1, one.high));
    for (const p of [one.pValue, one.adjustedPValue, one.probabilityBest]) if (p !== undefined) expectWithin(p, 0, 1);
    if (one.adjustedPValue !== undefined) expectWithin(one.adjustedPValue, one.pValue, 1);
    for (const part of Object.values(one.parts ?? {})) expectWithin(part as number, 0, 1);
  }
  if (!path.startsWith("rooms/survival")) expect(numbers).toBeGreaterThan(0);
});

test("the world has all that the answers are about", async () => {
  const { curves } = await answerTo("rooms/survival");
  expect(curves[0].matched).toBeGreaterThan(10);
  expect(curves[0].rooms).toBeGreaterThan(curves[0].matched);
  expect((await answerTo("rooms/abandonment")).patterns.length).toBeGreaterThan(5);
  expect((await answerTo("content/performance")).total).toBeGreaterThan(100);
  expect((await answerTo("content/trends")).total).toBeGreaterThan(5);
});

test("what a room needs to match in this world is found: seats that fill", async () => {
  const { recommendations } = await answerTo("rooms/recommendations");
  expect(recommendations.map(({ finding }: Json) => finding)).toContain("seats_never_fill");
  const [first] = (await answerTo("rooms/abandonment")).patterns;
  expect([first.attribute, first.value]).toEqual(["seatsFilled", "false"]);
});

test("every room of the world can be shown, and its funnel, members and votes are its own", async () => {
  const rooms = await api.store.scanEntities("room", "", 40);
  for (const { key } of rooms) {
    const { status, json } = await api.get(`/api/v1/rooms/${encodeURIComponent(key)}`);
    expect(status).toBe(200);
    expect(() =>
      listProcedures()
        .find(({ path }) => path === "rooms.get")
        ?.answer.parse(json),
    ).not.toThrow();
    const voters = json.people.reduce((sum: number, { votes }: Json) => sum + votes, 0);
    expect(json.titles.reduce((sum: number, { votes }: Json) => sum + votes, 0)).toBe(json.votes);
    expect(voters).toBeLessThanOrEqual(json.votes);
    if (json.satisfaction !== null) expectWithin(json.satisfaction.value, 0, 100);
    expect(json.state === "open").toBe(json.milestones.ended === null);
  }
});

test("tRPC gives the same answers as REST", async () => {
  const client = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${api.url}/trpc`, headers: { authorization: `Bearer ${api.key.admin}` } })],
  });
  expect(await client.rooms.survival.query({ ...range, by: "seats" })).toEqual(await answerTo("rooms/survival?by=seats"));
  expect(await client.rooms.performance.query(range)).toEqual(await answerTo("rooms/performance"));
  expect(await client.rooms.compare.query({ ...range, by: "genre" })).toEqual(await answerTo("rooms/compare?by=genre"));
  expect(await client.rooms.abandonment.query(range)).toEqual(await answerTo("rooms/abandonment"));
  expect(await client.rooms.recommendations.query(range)).toEqual(await answerTo("rooms/recommendations"));
  expect(await client.content.preferences.query({ ...range, by: "weekday" })).toEqual(await answerTo("content/preferences?by=weekday"));
  expect(await client.content.performance.query(range)).toEqual(await answerTo("content/performance"));
  expect(await client.content.trends.query({ ...range, by: "title" })).toEqual(await answerTo("content/trends?by=title"));
  expect(await client.content.rejections.query(range)).toEqual(await answerTo("content/rejections"));
});
