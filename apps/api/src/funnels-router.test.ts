import { readFileSync } from "node:fs";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { createTRPCClient, httpLink, type TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { append, appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import type { AppRouter } from "./router.ts";

const minute = 60_000;
const event = (userId: string, minutes: number, eventType: string, platform = "android") =>
  storedEvent({
    userId,
    eventType,
    timestampMs: testNowMs - 600 * minute + minutes * minute,
    context: { platform },
    roomId: `room-of-${userId}`,
  });

let api: TestApi;
let client: ReturnType<typeof createTRPCClient<AppRouter>>;
beforeAll(async () => {
  api = await startTestApi();
  client = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${api.url}/trpc`, headers: { authorization: `Bearer ${api.key.admin}` } })],
  });
  await appendAndFold(api.store, [
    event("ana", 0, "user_login"),
    event("ana", 10, "join_room"),
    event("ana", 11, "vote_content"),
    event("bea", 0, "user_login"),
    event("bea", 30, "join_room"),
    event("cai", 0, "user_login", "ios"),
  ]);
});
afterAll(() => api.close());

const day = { from: "2026-11-22", to: "2026-11-23" };
const steps = ["user_login", "join_room", "vote_content"];
const ask = (body: object) => api.send("POST", "/api/v1/funnels/query", JSON.stringify(body));

test("the contract's question is answered in the contract's shape, the same over tRPC and REST", async () => {
  const question = { steps, windowMs: 604_800_000, order: "ordered", ...day, hold: "room" } as const;
  const { status, json } = await ask(question);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    from: "2026-11-22T00:00:00.000Z",
    to: "2026-11-23T00:00:00.000Z",
    asOf: new Date(testNowMs).toISOString(),
    revision: 1,
    steps: [
      { name: "user_login", users: 3, medianMs: null, fromPrevious: null },
      { name: "join_room", users: 2, medianMs: 10 * minute, p75Ms: 30 * minute, fromFirst: { numerator: 2, denominator: 3 } },
      { name: "vote_content", users: 1, medianMs: minute, fromPrevious: { numerator: 1, denominator: 2, value: 0.5 } },
    ],
  });
  expect(await client.funnels.query.query(question)).toEqual(json);
});

test("an answer is what the document says", async () => {
  const { paths } = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
  const { schema } = paths["/funnels/query"].post.responses["200"].content["application/json"];
  const { json } = await ask(day);
  expect(Object.keys(json)).toEqual(schema.required);
  for (const step of json.steps) expect(Object.keys(step)).toEqual(schema.properties.steps.items.required);
});

test("without steps the way from signing in to seeing a match is asked for, within a week", async () => {
  const { json } = await ask(day);
  expect(json.steps.map(({ name, users }: { name: string; users: number }) => [name, users])).toEqual([
    ["user_login", 3],
    ["join_room", 2],
    ["vote_content", 1],
    ["view_match", 0],
  ]);
});

test("a step may be named by an alias, and is answered under its own name", async () => {
  const { json } = await ask({ ...day, steps: ["room_joined", "content_voted"] });
  expect(json.steps).toMatchObject([
    { name: "join_room", users: 2 },
    { name: "vote_content", users: 1 },
  ]);
});

test("filters keep events by their context", async () => {
  const { json } = await ask({ ...day, steps, filter: ["!platform:ios"] });
  expect(json.steps[0].users).toBe(2);
});

test("a date is the midnight of the time zone asked for", async () => {
  const { json } = await ask({ ...day, tz: "Pacific/Auckland" });
  expect([json.from, json.to]).toEqual(["2026-11-21T11:00:00.000Z", "2026-11-22T11:00:00.000Z"]);
});

test.each([
  [{ ...day, steps: [] }, "steps"],
  [{ ...day, steps: Array(11).fill("user_login") }, "steps"],
  [{ ...day, steps: "user_login" }, "steps"],
  [{ ...day, steps: ["user_login", "nonsense"] }, "steps.1"],
  [{ ...day, steps: ["__proto__"] }, "steps.0"],
  [{ ...day, steps: ["span"] }, "steps.0"],
  [{ ...day, windowMs: 0 }, "windowMs"],
  [{ ...day, windowMs: 1.5 }, "windowMs"],
  [{ ...day, windowMs: "604800000" }, "windowMs"],
  [{ ...day, windowMs: 1e15 }, "windowMs"],
  [{ ...day, order: "any" }, "order"],
  [{ ...day, hold: "session" }, "hold"],
  [{ ...day, filter: ["genre:comedy"] }, "filter"],
  [{ ...day, filter: ["nonsense"] }, "filter.0"],
  [{ ...day, tz: "Mars/Olympus" }, "tz"],
  [{ ...day, colour: "red" }, "colour"],
  [{ from: "2026-11-23", to: "2026-11-23" }, "to"],
  [{ from: "yesterday", to: "2026-11-23" }, "from"],
  [{ to: "2026-11-23" }, "from"],
])("%j is refused and names %s, the same over tRPC and REST", async (question, path) => {
  const { status, json } = await ask(question);
  expect(status).toBe(400);
  expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
  const rpc = await client.funnels.query.query(question as never).catch((error: TRPCClientError<AppRouter>) => error);
  const { instance: _, ...problem } = (rpc as TRPCClientError<AppRouter>).data?.problem ?? {};
  const { instance: __, ...expected } = json;
  expect(problem).toEqual(expected);
});

test("fresh waits until what was acknowledged before the call is folded", async () => {
  const store = openMemoryStore();
  const own = await startTestApi({ store });
  await append(store, [event("ana", 0, "user_login")]);
  const question = (fresh: boolean) => own.send("POST", "/api/v1/funnels/query", JSON.stringify({ ...day, steps: ["user_login"], fresh }));
  expect((await question(false)).json.steps[0].users).toBe(0);
  const fresh = question(true);
  await appendAndFold(store, []);
  expect((await fresh).json.steps[0].users).toBe(1);
  await own.close();
});

test("a range that holds too many events is 422 and says what to change", async () => {
  const store = openMemoryStore();
  const events = Array(2_000_001).fill(event("ana", 0, "user_login"));
  const chunk = { seq: 1, receivedAtMs: testNowMs, receipts: [], events };
  const own = await startTestApi({ store: { ...store, readChunksInRanges: async () => [chunk] } });
  const { status, json } = await own.send("POST", "/api/v1/funnels/query", JSON.stringify(day));
  expect([status, json.type]).toEqual([422, "/problems/unprocessable"]);
  await own.close();
});

test("a key that may only send events may not ask", async () => {
  const { status } = await api.send("POST", "/api/v1/funnels/query", JSON.stringify(day), { authorization: `Bearer ${api.key.service}` });
  expect(status).toBe(403);
});
