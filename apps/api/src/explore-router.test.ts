import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { appendAndFold, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";
import { shownEvent } from "./shown-event.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const votes = Array.from({ length: 7 }, (_, i) =>
    storedEvent({ eventId: `vote-${i}`, context: { platform: i < 5 ? "android" : "ios" } }),
  );
  const login = storedEvent({ eventType: "user_login", properties: { method: "google" } });
  await appendAndFold(api.store, [...votes.slice(0, 3), login]);
  await appendAndFold(api.store, votes.slice(3));
});
afterAll(() => api.close());

const day = "from=2026-11-22&to=2026-11-23";
const idsOf = (events: readonly { eventId: string }[]) => events.map(({ eventId }) => eventId);

test("the events behind a number are listed page by page, each once, in the order of the log", async () => {
  const pages: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { status, json } = await api.get(`/api/v1/explore/events?metric=votes&${day}&limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect([status, json.total]).toEqual([200, 7]);
    z.array(shownEvent).parse(json.events);
    pages.push(idsOf(json.events));
    cursor = json.nextCursor;
  }
  expect(pages).toEqual([["vote-0", "vote-1", "vote-2"], ["vote-3", "vote-4", "vote-5"], ["vote-6"]]);
});

test("an event is shown with pseudonyms and times as text", async () => {
  const { json } = await api.get(`/api/v1/explore/events?metric=votes&${day}&limit=1`);
  expect(json.events[0]).toEqual({
    eventId: "vote-0",
    eventType: "vote_content",
    timestamp: "2026-11-22T20:14:00.000Z",
    receivedAt: "2026-11-22T20:14:30.000Z",
    userId: "u_one",
    roomId: "r_one",
    sessionId: null,
    properties: { contentId: "movie:862", vote: "like", genres: ["comedy"], mediaType: "movie" },
    context: { platform: "android" },
    source: { system: "app" },
  });
});

test("filters narrow the events as they narrow the number", async () => {
  const { json } = await api.get(`/api/v1/explore/events?metric=votes&${day}&filter=!platform:android`);
  expect([idsOf(json.events), json.total, json.nextCursor]).toEqual([["vote-5", "vote-6"], 2, null]);
});

const explored = async (query: string) => (await api.get(`/api/v1/explore/events?${day}&${query}`)).json;

test("behind a number of sessions are sessions: with their start, what they count, and their dimensions", async () => {
  const { rowsAre, rows, events, total, sum, number } = await explored("metric=session_duration&filter=platform:android");
  expect({ rowsAre, events, total, sum }).toEqual({ rowsAre: "sessions", events: [], total: 1, sum: 1 });
  expect(rows).toMatchObject([
    { at: "2026-11-22T20:14:00.000Z", amount: 1, value: 0, dimensions: { platform: ["android"], source: ["app"] } },
  ]);
  expect(number).toEqual({ value: 0, count: 1, unit: "ms", field: "count", madeBy: "sum" });
});

test("behind a number of users are users, each with how much of theirs counts", async () => {
  const { rowsAre, rows, total, number } = await explored("metric=active_users");
  expect([rowsAre, total, number]).toEqual(["users", 1, { value: 1, unit: "users", field: "value", madeBy: "total" }]);
  expect(rows).toMatchObject([{ key: "u_one", amount: 8 }]);
});

test("the rows of a ratio are those of its denominator, or of its numerator where that is asked for", async () => {
  const of = async (part: string) => {
    const { rows, total, sum, number } = await explored(`metric=actions_per_session${part}`);
    return [rows.map(({ amount }: { amount: number }) => amount), total, sum, number.field];
  };
  expect(await of("")).toEqual([[1], 1, 1, "denominator"]);
  expect(await of("&part=numerator")).toEqual([[8], 1, 8, "numerator"]);
});

test("behind a peak are the sessions that are open in its first minute, which the answer names", async () => {
  const { rowsAre, total, number } = await explored("metric=concurrent_sessions");
  expect([rowsAre, total, number.value, number.minute]).toEqual(["sessions", 1, 1, "2026-11-22T20:14:00.000Z"]);
});

test("behind the ingestion counts are their receipts, in the order of the log", async () => {
  const { rowsAre, rows, total, sum } = await explored("metric=ingested_events");
  expect([rowsAre, total, sum]).toEqual(["receipts", 2, 8]);
  expect(rows.map(({ key, amount }: { key: string; amount: number }) => [key, amount])).toEqual([
    ["1.0", 4],
    ["2.0", 4],
  ]);
});

test("the clock and the users of a segment narrow the rows as they narrow the number", async () => {
  expect(await explored("metric=votes&filter=hourOfDay:21&tz=Europe/Madrid")).toMatchObject({ total: 7, number: { value: 7 } });
  expect(await explored("metric=votes&filter=hourOfDay:20&tz=Europe/Madrid")).toMatchObject({ total: 0, rows: [], nextCursor: null });
  expect(await explored("metric=votes&segment=platform:ios")).toMatchObject({ total: 0, number: { value: 0 } });
});

test.each([
  [`metric=votes&${day}&limit=0`, "limit"],
  [`metric=votes&${day}&limit=-1`, "limit"],
  [`metric=votes&${day}&limit=1e9`, "limit"],
  [`metric=votes&${day}&limit=NaN`, "limit"],
  [`metric=votes&${day}&limit=1.5`, "limit"],
  [`metric=votes&${day}&cursor=x`, "cursor"],
  [`metric=votes&${day}&cursor=1.x`, "cursor"],
  [`metric=votes&${day}&part=numerator`, "part"],
  [`metric=votes&${day}&filter=service:a`, "filter"],
  [day, "metric"],
])("%s is refused and names %s", async (query, path) => {
  const { status, json } = await api.get(`/api/v1/explore/events?${query}`);
  expect(status).toBe(400);
  expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
});

test("an unknown metric is not found", async () => {
  expect((await api.get(`/api/v1/explore/events?metric=nonsense&${day}`)).status).toBe(404);
});
