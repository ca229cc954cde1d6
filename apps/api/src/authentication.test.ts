import { randomBytes } from "node:crypto";
import { createApiKey } from "@trinity/auth/api-key";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, testNowMs } from "./api-app.testing.ts";
import { listProcedures } from "./procedure-list.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const sample: Readonly<Record<string, string>> = { metric: "votes", name: "somebody" };
const routes = listProcedures().map(({ path, type, rest }) => ({
  path,
  type,
  method: rest.method,
  url: `/api/v1${rest.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => sample[name] ?? "")}`,
}));

test.each(routes)("$method $url asks for a key, and for one with the permission", async ({ method, url }) => {
  const body = method === "POST" ? "{}" : undefined;
  const none = await api.send(method, url, body, { authorization: "" });
  expect([none.status, none.json.type, none.headers.get("www-authenticate")]).toEqual([
    401,
    "/problems/unauthenticated",
    'Bearer realm="trinity"',
  ]);
  const service = await api.send(method, url, body, { authorization: `Bearer ${api.key.service}` });
  expect([service.status, service.json.type]).toEqual([403, "/problems/forbidden"]);
});

test.each(routes)("the procedure $path asks for the same over tRPC", async ({ path, type }) => {
  const [method, body] = type === "mutation" ? ["POST", "{}"] : ["GET", undefined];
  const none = await api.send(method, `/trpc/${path}`, body, { authorization: "" });
  expect([none.status, none.json.error.data.code, none.headers.get("www-authenticate")]).toEqual([
    401,
    "UNAUTHORIZED",
    'Bearer realm="trinity"',
  ]);
  const service = await api.send(method, `/trpc/${path}`, body, { authorization: `Bearer ${api.key.service}` });
  expect([service.status, service.json.error.data.code, service.json.error.data.problem.type]).toEqual([
    403,
    "FORBIDDEN",
    "/problems/forbidden",
  ]);
});

test("a key counts in either header", async () => {
  expect((await api.get("/api/v1/metrics", { "x-api-key": api.key.admin })).status).toBe(200);
  expect((await api.get("/api/v1/metrics", { authorization: `Bearer ${api.key.admin}` })).status).toBe(200);
});

test("a key that is not exactly right is no key, and never in the log", async () => {
  const { admin } = api.key;
  const wrong = [admin.slice(0, -1), `${admin}a`, admin.slice(0, 12), admin.toUpperCase(), admin.replace("tk_", "TK_")];
  for (const key of wrong) expect((await api.get("/api/v1/metrics", { authorization: `Bearer ${key}` })).status).toBe(401);
  expect((await api.get(`/api/v1/metrics?key=${admin}&api_key=${admin}&authorization=${admin}`, {})).status).toBe(401);
  expect((await api.get("/api/v1/metrics", { cookie: `key=${admin}; authorization=Bearer ${admin}` })).status).toBe(401);
  expect(api.lines.join()).not.toContain(admin.slice(3));
});

test.each(["/api/v1/nonsense", "/api/v1/", "/trpc/nonsense"])("without a key nobody learns whether %s exists", async (path) => {
  expect((await api.get(path, {})).status).toBe(401);
  expect((await api.get(path)).status).toBe(404);
});

test.each([
  "/",
  "/docs",
  "/assets/page.js",
  "/assets/page.css",
  "/api/v1/openapi.json",
  "/healthz",
  "/readyz",
  "/metrics",
  "/problems/forbidden",
])("%s holds no data and needs no key", async (path) => {
  expect((await api.get(path, {})).status).toBe(200);
});

test("an expired key is refused", async () => {
  const { presented, record } = createApiKey({ role: "admin", name: "old", createdAtMs: 0, expiresAtMs: testNowMs }, randomBytes);
  await api.keys.put(record);
  expect((await api.get("/api/v1/metrics", { authorization: `Bearer ${presented}` })).status).toBe(401);
});

test("a flood of wrong keys is told to wait", async () => {
  const own = await startTestApi();
  const statuses = new Set<number>();
  for (let i = 0; i < 320; i++) statuses.add((await own.get("/api/v1/metrics", { "x-api-key": `wrong-${i}` })).status);
  const { status, headers } = await own.get("/api/v1/metrics", { "x-api-key": "wrong" });
  expect([...statuses]).toEqual([401, 429]);
  expect([status, Number(headers.get("retry-after"))]).toEqual([429, 60]);
  expect((await own.get("/api/v1/metrics")).status).toBe(200);
  await own.close();
});
