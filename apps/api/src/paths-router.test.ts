import { readFileSync } from "node:fs";
import { createTRPCClient, httpLink, type TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import type { AppRouter } from "./router.ts";

const minute = 60_000;
const event = (userId: string, minutes: number, eventType: string, screen?: string) =>
  storedEvent({
    userId,
    eventType,
    timestampMs: testNowMs - 600 * minute + minutes * minute,
    properties: screen === undefined ? { contentId: "movie:862", vote: "like" } : { screen },
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
    event("ana", 1, "screen_view", "/home"),
    event("ana", 2, "screen_view", "/room/[id]"),
    event("ana", 3, "vote_content"),
    event("bea", 0, "user_login"),
    event("bea", 30, "vote_content"),
  ]);
});
afterAll(() => api.close());

const day = { from: "2026-11-22", to: "2026-11-23" };
const ask = (body: object) => api.send("POST", "/api/v1/paths/query", JSON.stringify(body));

test("the sessions of a day are answered as nodes and links, the same over tRPC and REST", async () => {
  const { status, json } = await ask(day);
  expect(status).toBe(200);
  expect(json).toMatchObject({ asOf: new Date(testNowMs).toISOString(), revision: 1, sessions: 3 });
  expect(json.nodes.slice(0, 2)).toEqual([
    { id: "0/step/user_login", depth: 0, kind: "step", name: "user_login", sessions: 2 },
    { id: "0/step/vote_content", depth: 0, kind: "step", name: "vote_content", sessions: 1 },
  ]);
  expect(json.links[0]).toEqual({ source: "0/step/user_login", target: "1/step/screen_view", sessions: 1 });
  expect(await client.paths.query.query(day)).toEqual(json);
});

test("an answer is what the document says", async () => {
  const { paths } = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
  const { schema } = paths["/paths/query"].post.responses["200"].content["application/json"];
  const { json } = await ask(day);
  expect(Object.keys(json)).toEqual(schema.required);
  for (const list of ["nodes", "links"]) expect(Object.keys(json[list][0])).toEqual(schema.properties[list].items.required);
});

test("by screen, paths begin where they are told to", async () => {
  const { json } = await ask({ ...day, by: "screen", start: "/home", depth: 1 });
  expect(json.links).toEqual([{ source: "0/step//home", target: "1/beyond", sessions: 1 }]);
});

test("an event type may be named by an alias", async () => {
  const { json } = await ask({ ...day, end: "content_voted" });
  expect(json.nodes[0]).toMatchObject({ name: "vote_content", sessions: 2 });
});

test.each([
  [{ ...day, start: "nonsense" }, "start"],
  [{ ...day, end: "span" }, "end"],
  [{ ...day, start: "" }, "start"],
  [{ ...day, depth: 0 }, "depth"],
  [{ ...day, depth: 11 }, "depth"],
  [{ ...day, nodesMax: 0 }, "nodesMax"],
  [{ ...day, nodesMax: 1e9 }, "nodesMax"],
  [{ ...day, by: "room" }, "by"],
  [{ ...day, filter: ["eventType:span"] }, "filter"],
  [{ ...day, colour: "red" }, "colour"],
  [{ from: "2026-11-23", to: "2026-11-22" }, "to"],
  [{ from: "2026-11-23" }, "to"],
])("%j is refused and names %s, the same over tRPC and REST", async (question, path) => {
  const { status, json } = await ask(question);
  expect(status).toBe(400);
  expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
  const rpc = await client.paths.query.query(question as never).catch((error: TRPCClientError<AppRouter>) => error);
  const { instance: _, ...problem } = (rpc as TRPCClientError<AppRouter>).data?.problem ?? {};
  const { instance: __, ...expected } = json;
  expect(problem).toEqual(expected);
});

test("a key that may only send events may not ask", async () => {
  const { status } = await api.send("POST", "/api/v1/paths/query", JSON.stringify(day), { authorization: `Bearer ${api.key.service}` });
  expect(status).toBe(403);
});
