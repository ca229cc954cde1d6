import { DamagedDataError } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { append, appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";

const dayMs = 86_400_000;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const at = (daysAgo: number, userId: string, event: Parameters<typeof storedEvent>[0] = {}) =>
    storedEvent({ timestampMs: testNowMs - daysAgo * dayMs - 60_000, userId, ...event });
  await appendAndFold(api.store, [
    at(9, "ana"),
    at(9, "bea", { context: { platform: "ios" } }),
    at(2, "ana"),
    at(1, "cai", { eventType: "screen_view", properties: { screen: "/home" } }),
  ]);
});
afterAll(() => api.close());

test("retention tells of each cohort its size and who came back, which periods are not over, and nothing of those ahead", async () => {
  const { status, json } = await api.get("/api/v1/users/retention?from=2026-11-09&to=2026-11-23&cohort=week&periods=2");
  expect(status).toBe(200);
  expect(json.cohorts).toEqual([
    {
      start: "2026-11-09T00:00:00.000Z",
      size: 2,
      periods: [
        { n: 0, numerator: 2, denominator: 2, complete: true },
        { n: 1, numerator: 1, denominator: 2, complete: false },
        { n: 2, numerator: null, denominator: 2, complete: false },
      ],
    },
    {
      start: "2026-11-16T00:00:00.000Z",
      size: 1,
      periods: [
        { n: 0, numerator: 1, denominator: 1, complete: false },
        { n: 1, numerator: null, denominator: 1, complete: false },
        { n: 2, numerator: null, denominator: 1, complete: false },
      ],
    },
  ]);
  expect(json.source).toBe("rollups");
});

test("retention by an action counts only who came back for it, and of a segment only its users", async () => {
  const numerators = async (question: string) => {
    const { json } = await api.get(`/api/v1/users/retention?from=2026-11-09&to=2026-11-23&periods=1&${question}`);
    return json.cohorts.map(({ periods }: { periods: { numerator: number }[] }) => periods.map(({ numerator }) => numerator));
  };
  expect(await numerators("filter=eventType:vote_content")).toEqual([
    [2, 1],
    [0, null],
  ]);
  expect(await numerators("segment=platform:ios")).toEqual([
    [1, 0],
    [0, null],
  ]);
  expect(await numerators("kind=rolling&cohort=day&segment=platform:android")).toContainEqual([1, 1]);
});

test("rolling retention of people who came long ago counts who was seen since, also by the day", async () => {
  const old = await startTestApi();
  const on = (date: string, userId: string) => storedEvent({ timestampMs: Date.parse(`${date}T12:00:00Z`), userId });
  await appendAndFold(old.store, [on("1997-09-20", "ana"), on("1997-09-20", "bea"), on("1997-09-22", "bea"), on("2026-11-21", "ana")]);
  const { status, json } = await old.get(
    "/api/v1/users/retention?from=1997-09-20&to=1997-09-21&cohort=day&kind=rolling&periods=3&tz=Europe/Madrid",
  );
  expect(status).toBe(200);
  expect(json.cohorts.map(({ periods }: { periods: { numerator: number }[] }) => periods.map(({ numerator }) => numerator))).toEqual([
    [2, 2, 2, 1],
  ]);
  await old.close();
});

test.each([
  ["filter=genre:comedy", "filter"],
  ["segment=shoeSize:44", "segment"],
  ["cohort=day&from=1996-01-01", "periods"],
  ["tz=Europe/Atlantis", "tz"],
])("retention with %s is refused, and %s is named", async (question, path) => {
  const { status, json } = await api.get(
    `/api/v1/users/retention?${question.includes("from=") ? "" : "from=2026-11-09&"}to=2026-11-23&${question}`,
  );
  expect([status, json.errors[0].path]).toEqual([400, path]);
});

test("segments say how many users have each value of each attribute", async () => {
  const { json } = await api.get("/api/v1/users/segments?from=2026-11-01&to=2026-11-23");
  const of = (name: string) => json.attributes.find(({ attribute }: { attribute: string }) => attribute === name).values;
  expect(json).toMatchObject({ users: 3, segment: null });
  expect(of("platform")).toEqual([
    { value: "android", users: 2 },
    { value: "ios", users: 1 },
  ]);
  expect(of("favouriteGenre")).toEqual([
    { value: "comedy", users: 2 },
    { value: "unknown", users: 1 },
  ]);
  expect(of("cohort")).toEqual([{ value: "2026-11", users: 3 }]);
  expect(of("activityTier")).toContainEqual({ value: "light", users: 3 });
});

test("a segment is held against everybody else in every metric about users, and the two make the whole", async () => {
  const { json } = await api.get("/api/v1/users/segments?from=2026-11-01&to=2026-11-23&segment=favouriteGenre:comedy");
  expect(json.segment).toMatchObject({ users: 2, complement: 1 });
  const of = (name: string) => json.segment.metrics.find(({ metric }: { metric: string }) => metric === name);
  expect(of("events")).toMatchObject({ segment: { value: 3 }, complement: { value: 1 } });
  expect(of("active_users")).toMatchObject({ segment: { value: 2 }, complement: { value: 1 } });
  expect(of("votes_per_user")).toMatchObject({ segment: { numerator: 3, denominator: 2 }, complement: { numerator: 0, denominator: 1 } });
});

test("who users are by each attribute is answered from what is folded, even where the chunk that waits is damaged", async () => {
  const store = openMemoryStore();
  await appendAndFold(store, [storedEvent()]);
  await append(store, [storedEvent()]);
  const readChunks = () => Promise.reject(new DamagedDataError("chunk 2 of the log is damaged"));
  const damaged = await startTestApi({ store: { ...store, readChunks } });
  const path = "/api/v1/users/segments?from=2026-11-01&to=2026-11-23";
  const { status, json } = await damaged.get(path);
  expect([status, json.users, json.segment]).toEqual([200, 1, null]);
  expect((await damaged.get(`${path}&segment=platform:ios`)).status).toBe(503);
  await damaged.close();
});
