import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";
import { contentPerformanceAnswer, preferencesAnswer, rejectionsAnswer, trendsAnswer } from "./content-answer.ts";

type Json = ReturnType<typeof JSON.parse>;
type Vote = {
  readonly at: string;
  readonly contentId: string;
  readonly vote: string;
  readonly genres: readonly string[];
  readonly recommended?: boolean;
  readonly position?: number;
  readonly userId?: string;
  readonly roomId?: string;
  readonly platform?: string;
};

const voted = ({ at, userId = "ana", roomId = "r_1", platform = "ios", ...properties }: Vote) =>
  storedEvent({ timestampMs: Date.parse(at), userId, roomId, context: { platform }, properties });
const about = (eventType: string, at: string, contentId: string, roomId = "r_1") =>
  storedEvent({ eventType, timestampMs: Date.parse(at), roomId, properties: { contentId } });
const told = (eventType: string, at: string, roomId: string) =>
  storedEvent({ eventType, timestampMs: Date.parse(at), roomId, properties: {} });

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const comedy = { contentId: "movie:1", genres: ["comedy"] };
  const war = { contentId: "movie:2", genres: ["war", "drama"] };
  await appendAndFold(api.store, [
    voted({ at: "2026-11-10T10:00:00Z", ...comedy, vote: "like", recommended: true, position: 0 }),
    voted({ at: "2026-11-10T10:30:00Z", ...comedy, vote: "like", recommended: false, userId: "bea", platform: "android" }),
    voted({ at: "2026-11-10T21:00:00Z", ...war, vote: "dislike", recommended: false, position: 12, roomId: "r_2" }),
    voted({ at: "2026-11-11T21:00:00Z", ...war, vote: "like", userId: "bea", platform: "android", roomId: "r_2" }),
    voted({ at: "2026-11-08T21:00:00Z", ...comedy, vote: "skip", roomId: "r_3" }),
    about("title_shown", "2026-11-10T09:00:00Z", "movie:1"),
    about("media_viewed", "2026-11-10T09:30:00Z", "movie:1"),
    about("match_found", "2026-11-10T11:00:00Z", "movie:1"),
    told("no_consensus", "2026-11-11T22:00:00Z", "r_2"),
  ]);
});
afterAll(() => api.close());

const days = "from=2026-11-10&to=2026-11-12";
const get = async (path: string) => {
  const { status, json } = await api.get(`/api/v1/content/${path}`);
  expect(status).toBe(200);
  return json;
};

test("preferences: positive votes by genre, the best liked first as far as can be told", async () => {
  const answer = await get(`preferences?${days}`);
  expect(() => preferencesAnswer.parse(answer)).not.toThrow();
  expect(answer.overall).toMatchObject({ numerator: 3, denominator: 4 });
  expect(answer.preferences.map(({ by, votes, positive }: Json) => [by.genre, votes, positive.numerator])).toEqual([
    ["comedy", 2, 2],
    ["drama", 2, 1],
    ["war", 2, 1],
  ]);
  expect((await api.get(`/api/v1/analytics/content/preferences?${days}`)).json).toEqual(answer);
});

test("preferences: by the hour of a time zone, for some users and under filters", async () => {
  const byHour = await get(`preferences?${days}&by=hourOfDay&tz=Europe/Madrid&filter=genre:comedy`);
  expect(byHour.preferences.map(({ by, votes }: Json) => [by, votes])).toEqual([[{ genre: "comedy", hourOfDay: "11" }, 2]]);
  const segment = await get(`preferences?${days}&segment=${encodeURIComponent("platform:android")}`);
  expect(segment.overall).toMatchObject({ numerator: 2, denominator: 2 });
  const complement = await get(`preferences?${days}&segment=${encodeURIComponent("!platform:android")}`);
  expect(complement.overall).toMatchObject({ numerator: 1, denominator: 2 });
});

test("performance: a title with all that is counted of it, and acceptance beside titles not recommended", async () => {
  const answer = await get(`performance?${days}`);
  expect(() => contentPerformanceAnswer.parse(answer)).not.toThrow();
  expect([answer.total, answer.titles.map(({ contentId }: Json) => contentId)]).toEqual([2, ["movie:1", "movie:2"]]);
  expect(answer.titles[0]).toMatchObject({
    genres: ["comedy"],
    mediaType: "movie",
    releaseDecade: "unknown",
    votes: 2,
    likes: 2,
    views: 2,
    matches: 1,
    matchingPower: { numerator: 1, denominator: 1 },
  });
  expect(answer.recommendations).toMatchObject({
    acceptance: { numerator: 1, denominator: 1 },
    others: { numerator: 1, denominator: 2 },
    difference: { difference: 0.5 },
  });
  const ofGenre = await get(`performance?${days}&filter=genre:war&sort=views&limit=1`);
  expect([ofGenre.total, ofGenre.titles[0].contentId, ofGenre.recommendations.acceptance.value]).toEqual([1, "movie:2", null]);
  expect(ofGenre.recommendations.difference).toBeNull();
});

test("trends: the rate and the volume against the period before, and the week up to each day", async () => {
  const answer = await get(`trends?${days}`);
  expect(() => trendsAnswer.parse(answer)).not.toThrow();
  expect(answer.previous).toEqual({ from: "2026-11-08T00:00:00.000Z", to: "2026-11-10T00:00:00.000Z" });
  const comedy = answer.trends.find(({ by }: Json) => by.genre === "comedy");
  expect(comedy).toMatchObject({
    positive: { numerator: 2, denominator: 2 },
    previous: { numerator: 0, denominator: 1 },
    rateChange: { difference: 1 },
    volumeChange: { ratio: 2 },
  });
  expect(comedy.days.map(({ start, positive }: Json) => [start.slice(0, 10), positive.numerator, positive.denominator])).toEqual([
    ["2026-11-10", 2, 3],
    ["2026-11-11", 2, 3],
  ]);
  const war = answer.trends.find(({ by }: Json) => by.genre === "war");
  expect([war.rateChange, war.volumeChange.ratio]).toEqual([null, null]);
  const byTitle = await get(`trends?${days}&by=title&limit=1`);
  expect([byTitle.total, byTitle.trends.length, Object.keys(byTitle.trends[0].by)]).toEqual([2, 1, ["contentId"]]);
  expect(byTitle.trends[0].days).toHaveLength(2);
});

test("trends: days that lie ahead are not shown, and the volume is that of the time that has passed", async () => {
  const own = await startTestApi();
  await appendAndFold(own.store, [
    voted({ at: "2026-11-22T10:00:00Z", contentId: "movie:1", genres: ["comedy"], vote: "like" }),
    voted({ at: "2026-11-19T10:00:00Z", contentId: "movie:1", genres: ["comedy"], vote: "like" }),
  ]);
  const { json } = await own.get("/api/v1/content/trends?from=2026-11-21&to=2026-11-25");
  expect(json.previous).toEqual({ from: "2026-11-17T00:00:00.000Z", to: "2026-11-18T20:15:00.000Z" });
  expect(json.trends[0].days.map(({ start }: Json) => start.slice(0, 10))).toEqual(["2026-11-21", "2026-11-22"]);
  expect(json.trends[0].days[1]).toMatchObject({ positive: { numerator: 2 }, votesPerDay: 2 / 7 });
  await own.close();
});

test("trends: a range that lies ahead has none yet", async () => {
  expect(await get("trends?from=2027-01-01&to=2027-01-02")).toMatchObject({ trends: [], total: 0, previous: null });
});

test("rejections: what titles of rooms without consensus have, that those of rooms in consensus have not", async () => {
  const answer = await get(`rejections?${days}`);
  expect(() => rejectionsAnswer.parse(answer)).not.toThrow();
  expect([answer.rooms, answer.rejected, answer.accepted, answer.leftOut]).toEqual([{ noConsensus: 1, consensus: 1 }, 1, 1, []]);
  expect(answer.patterns.map(({ attribute, value }: Json) => `${attribute} ${value}`)).toEqual([
    "genre drama",
    "genre war",
    "position 10-19",
  ]);
});

test.each([
  ["preferences?from=2026-11-10&to=2026-11-09", "to"],
  [`preferences?${days}&by=platform`, "by"],
  [`preferences?${days}&filter=roomSize:2`, "filter"],
  [`preferences?${days}&segment=nonsense`, "segment"],
  [`performance?${days}&sort=best`, "sort"],
  [`performance?${days}&filter=platform:ios`, "filter"],
  [`performance?${days}&limit=500`, "limit"],
  [`trends?${days}&by=contentId`, "by"],
  [`rejections?${days}&filter=platform:ios`, "filter"],
])("%s is refused as problem details that name %s", async (path, name) => {
  const { status, json } = await api.get(`/api/v1/content/${path}`);
  expect([status, json.type]).toEqual([400, "/problems/invalid-input"]);
  expect(json.errors.map((error: Json) => error.path)).toContain(name);
});
