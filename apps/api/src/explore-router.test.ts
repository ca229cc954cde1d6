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

test("a number that is not counted from single events has none behind it: 422", async () => {
  const { status, json } = await api.get(`/api/v1/explore/events?metric=sessions&${day}`);
  expect([status, json.type]).toEqual([422, "/problems/unprocessable"]);
  expect(json.detail).toContain("sessions");
});

test.each([
  [`metric=votes&${day}&limit=0`, "limit"],
  [`metric=votes&${day}&limit=-1`, "limit"],
  [`metric=votes&${day}&limit=1e9`, "limit"],
  [`metric=votes&${day}&limit=NaN`, "limit"],
  [`metric=votes&${day}&limit=1.5`, "limit"],
  [`metric=votes&${day}&cursor=x`, "cursor"],
  [`metric=votes&${day}&filter=hourOfDay:3`, "filter"],
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
