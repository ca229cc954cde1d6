import { afterEach, expect, test } from "vitest";
import { createHttpServer, type HttpServerSettings } from "./http-server.ts";
import { sendProblem } from "./problem-handling.ts";
import { problemTypes } from "./problem-type.ts";

const canary = "maria.lopez@example.org /srv/data/log.db SELECT secret FROM people";
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const lines: string[] = [];
afterEach(() => {
  lines.length = 0;
});

function appWithRoutes(settings: Partial<HttpServerSettings> = {}) {
  const app = createHttpServer({ name: "test", logStream: { write: (line) => void lines.push(line) }, ...settings });
  app.get("/boom", () => {
    throw Object.assign(new Error(canary), { code: "SQLITE_FULL" });
  });
  app.get("/boom-4xx", () => {
    throw Object.assign(new Error(canary), { statusCode: 409 });
  });
  app.get("/boom-value", () => Promise.reject(canary));
  app.get("/busy", (request, reply) => sendProblem(request, reply, "unavailable", { retryAfterS: 2.2 }));
  app.get("/who", (request, reply) => sendProblem(request, reply, "unauthenticated"));
  const schema = { querystring: { type: "object", properties: { limit: { type: "integer" } }, required: ["limit"] } };
  app.get("/list", { schema }, () => "listed");
  return app;
}

test("an unforeseen error is a 500 that shows nothing of it", async () => {
  const answer = await appWithRoutes().inject({ url: "/boom", headers: { traceparent } });
  expect(answer.statusCode).toBe(500);
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(answer.json()).toEqual({
    type: "/problems/internal",
    title: problemTypes.internal.title,
    status: 500,
    detail: problemTypes.internal.meaning,
    instance: "urn:trace:0af7651916cd43dd8448eb211c80319c",
  });
});

test("its log line has the trace, the route, the code and the call site, but not the message", async () => {
  await appWithRoutes().inject({ url: "/boom?key=tk_secret", headers: { traceparent } });
  const line = lines.find((text) => text.includes("request failed")) ?? "";
  expect(JSON.parse(line)).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    route: "/boom",
    err: { name: "Error", code: "SQLITE_FULL", frames: expect.arrayContaining([expect.stringContaining("problem-handling.test.ts")]) },
  });
  expect(lines.join("")).not.toMatch(/maria|SELECT|log\.db|tk_secret/);
});

test.each(["/boom", "/boom-4xx", "/boom-value", "/list", "/list?limit=maria.lopez%40example.org", "/nowhere/maria.lopez", "/%zz-maria"])(
  "the answer to %s repeats neither messages nor values",
  async (url) => {
    const answer = await appWithRoutes().inject({ url, headers: { traceparent } });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.json().status).toBe(answer.statusCode);
    expect(answer.body).not.toMatch(/maria|SELECT|log\.db|node_modules|\.ts\b|:\d+:\d+/);
  },
);

test("ingest answers 503 with Retry-After, other processes 500", async () => {
  const answer = await appWithRoutes({ unexpected: "unavailable" }).inject("/boom");
  expect(answer.statusCode).toBe(503);
  expect(answer.headers["retry-after"]).toBe("1");
});

test("a failed schema names the path and the rule", async () => {
  const answer = await appWithRoutes().inject("/list?limit=x");
  expect(answer.json()).toMatchObject({
    status: 400,
    type: "/problems/invalid-input",
    errors: [{ path: "/limit", message: "must be integer" }],
  });
});

test("Retry-After is whole seconds, rounded up, and a 401 says how to authenticate", async () => {
  const app = appWithRoutes();
  expect((await app.inject("/busy")).headers["retry-after"]).toBe("3");
  expect((await app.inject("/who")).headers["www-authenticate"]).toBe('Bearer realm="trinity"');
});

test("a request without a traceparent gets an id of the same form", async () => {
  const answer = await appWithRoutes({ newTraceId: () => "1".repeat(32) }).inject("/nowhere");
  expect(answer.json().instance).toBe(`urn:trace:${"1".repeat(32)}`);
});

test.each([
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
  "<script>",
])("the traceparent %j is not taken over", async (header) => {
  const app = appWithRoutes({ newTraceId: () => "2".repeat(32) });
  const answer = await app.inject({ url: "/nowhere", headers: { traceparent: header } });
  expect(answer.json().instance).toBe(`urn:trace:${"2".repeat(32)}`);
});

test("every problem's type is a page with the remedy and whether to retry", async () => {
  const app = appWithRoutes();
  for (const [slug, { title, status }] of Object.entries(problemTypes)) {
    const page = await app.inject(`/problems/${slug}`);
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.body).toContain(title);
    expect(page.body).toContain(String(status));
    expect(page.body).toContain("Send it again?");
  }
  expect((await app.inject("/problems")).body).toContain('href="/problems/forbidden"');
});

test.each(["nonsense", "__proto__", "constructor", "%3Cscript%3E"])("there is no page for /problems/%s", async (slug) => {
  const answer = await appWithRoutes().inject(`/problems/${slug}`);
  expect(answer.statusCode).toBe(404);
  expect(answer.json().type).toBe("/problems/not-found");
});
