import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Answered, startTestApi, type TestApi } from "./api-app.testing.ts";

/** The rows of the threat model that a reader of numbers can throw. */
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
afterEach(async () => expect((await api.get("/api/v1/metrics")).status).toBe(200));

const harmless = ({ text }: Answered) => {
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text).not.toMatch(/node_modules|\bat \w+.*:\d+:\d+|\.ts:\d+|"stack"/);
};

test.each([
  "/api/v1/metrics/%zz",
  "/api/v1/%c0%af",
  "/api/v1/metrics/%00",
  "/api/v1/../../etc/passwd",
  "/api/v1/%252e%252e%252fetc",
  "/trpc/%zz",
  "/trpc/%2e%2e%2f",
])("the path %s is refused", async (path) => {
  const answer = await api.get(path);
  expect([400, 404]).toContain(answer.status);
  harmless(answer);
});

const badJson = [
  "{",
  '{"a":}',
  "[1,]",
  "{'a':1}",
  "NaN",
  "// x\n{}",
  "{} {}",
  "<a>&b;</a>",
  '{"a":1',
  "\u0000",
  "undefined",
  '{"a":\t"\n"}',
];
test.each(badJson)("the body %j is not JSON: 400 on both surfaces", async (body) => {
  const rest = await api.send("POST", "/api/v1/admin/keys", body);
  expect(rest.status).toBe(400);
  harmless(rest);
  const rpc = await api.send("POST", "/trpc/admin.keys.create", body);
  expect(rpc.status).toBe(400);
  harmless(rpc);
});

test.each(["[]", "null", "3", '"text"', '[{"name":"x"}]'])("the body %s is no object: 400", async (body) => {
  expect((await api.send("POST", "/api/v1/admin/keys", body)).status).toBe(400);
});

test.each([
  ["arrays", "[".repeat(1_000) + "]".repeat(1_000)],
  ["objects", '{"a":'.repeat(1_000) + "1" + "}".repeat(1_000)],
  ["arrays never closed", "[".repeat(60_000)],
  ["arrays in a property", `{"name":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
])("deep %s are refused before they are parsed", async (_what, body) => {
  for (const path of ["/api/v1/admin/keys", "/trpc/admin.keys.create", "/trpc/admin.keys.create?batch=1"]) {
    const answer = await api.send("POST", path, body);
    expect(answer.status).toBe(400);
    harmless(answer);
  }
  const inQuery = await api.get(`/trpc/metrics.query?input=${"[".repeat(3_000)}${"]".repeat(3_000)}`);
  expect(inQuery.status).toBe(400);
  harmless(inQuery);
});

test.each([
  ["700,000 objects", `[${"{},".repeat(699_999)}{}]`, 413],
  ["as many as fit", `{"name":[${"{},".repeat(20_000)}{}]}`, 400],
  ["10,000 keys", `{${Array.from({ length: 5_000 }, (_, i) => `"${i}":1`).join()}}`, 400],
])("a body of %s gets a small refusal", async (_what, body, status) => {
  const answer = await api.send("POST", "/api/v1/admin/keys", body);
  expect(answer.status).toBe(status);
  harmless(answer);
});

test.each([
  '{"__proto__":{"role":"admin"},"name":"p1"}',
  '{"\\u005f_proto__":{"role":"admin"},"name":"p2"}',
  '{"constructor":{"prototype":{"role":"admin"}},"name":"p3"}',
])("%s changes no prototype and fills in nothing", async (body) => {
  expect((await api.send("POST", "/api/v1/admin/keys", body)).status).toBe(400);
  expect((await api.send("POST", "/trpc/admin.keys.create", body)).status).toBe(400);
  expect(({} as { role?: string }).role).toBeUndefined();
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
  "application/json\ta",
  "application/jsonx",
  "application/json; charset=iso-8859-1",
  "application/json, text/plain",
])("a body of type %j is refused: 415", async (type) => {
  for (const path of ["/api/v1/admin/keys", "/trpc/admin.keys.create"]) {
    const answer = await api.send("POST", path, '{"name":"form","role":"admin"}', { "content-type": type });
    expect(answer.status).toBe(415);
    harmless(answer);
  }
});

test("a body in another charset is refused with its name, on both surfaces", async () => {
  for (const path of ["/api/v1/admin/keys", "/trpc/admin.keys.create"]) {
    const { status, text } = await api.send("POST", path, "{}", { "content-type": 'application/json; charset="ISO-8859-1"' });
    expect([status, text]).toEqual([415, expect.stringContaining("The charset iso-8859-1 is not read: send UTF-8.")]);
  }
});

test("bytes that are no UTF-8 are refused", async () => {
  const body = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
  const response = await fetch(`${api.url}/api/v1/admin/keys`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${api.key.admin}`, "content-type": "application/json" },
  });
  expect(response.status).toBe(400);
});

test.each(["GET", "DELETE", "PUT", "PATCH"])("%s on a route of other methods is 405 and names them", async (method) => {
  const { status, headers } = await api.send(method, method === "GET" ? "/api/v1/admin/keys/x" : "/api/v1/admin/keys", undefined);
  expect(status).toBe(405);
  expect(headers.get("allow")).toBe(method === "GET" ? "DELETE" : "GET, POST");
});

test.each(["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"])("DELETE %s is 405 and names GET", async (path) => {
  const { status, headers } = await api.send("DELETE", path, undefined);
  expect([status, headers.get("allow")]).toEqual([405, "GET"]);
});

test.each([";v=1", "; charset=us-ascii", ";", '; profile="x"'])("a body of type application/json%s is JSON", async (text) => {
  const body = JSON.stringify({ name: "typed", role: "nobody" });
  const { status, text: answer } = await api.send("POST", "/api/v1/admin/keys", body, { "content-type": `application/json${text}` });
  expect([status, answer]).toEqual([400, expect.stringContaining("role")]);
});

test("a mutation by GET is 405", async () => {
  const answer = await api.get('/trpc/admin.keys.create?input={"name":"csrf","role":"admin"}');
  expect(answer.status).toBe(405);
  harmless(answer);
  expect((await api.keys.list()).map(({ name }) => name)).not.toContain("csrf");
});

test.each(["__proto__", "constructor", "_def", "metrics", "metrics.query.call", "then", "x".repeat(4_000), "<script>"])(
  "the procedure %.20s is not found, in few words",
  async (path) => {
    const answer = await api.get(`/trpc/${path}`);
    expect(answer.status).toBe(404);
    expect(answer.json.error.data.code).toBe("NOT_FOUND");
    expect(answer.text.length).toBeLessThanOrEqual(2_048);
    harmless(answer);
  },
);

test.each([
  ["5,000 commas", ",".repeat(5_000)],
  ["500 calls", Array(500).fill("metrics.list").join()],
  ["101 calls", Array(101).fill("metrics.list").join()],
])("a batch of %s is refused in 2 KB", async (_what, paths) => {
  const answer = await api.get(`/trpc/${paths}?batch=1&input={}`);
  expect(answer.status).toBe(400);
  expect(answer.text.length).toBeLessThanOrEqual(2_048);
  harmless(answer);
});

test("a batch is judged call by call", async () => {
  const input = encodeURIComponent(JSON.stringify({ 1: { metric: "nonsense", from: "2026-11-01", to: "2026-11-02" } }));
  const { status, json } = await api.get(`/trpc/metrics.list,metrics.query,nonsense?batch=1&input=${input}`);
  expect(status).toBe(207);
  expect(json.map((one: { error?: { data: { httpStatus: number } } }) => one.error?.data.httpStatus ?? 200)).toEqual([200, 404, 404]);
  const service = await api.get("/trpc/metrics.list,health.books?batch=1&input={}", { authorization: `Bearer ${api.key.service}` });
  expect(service.json.map((one: { error: { data: { httpStatus: number } } }) => one.error.data.httpStatus)).toEqual([403, 403]);
});

test("100 calls in one batch are answered", async () => {
  expect((await api.get(`/trpc/${Array(100).fill("health.verification").join()}?batch=1&input={}`)).json).toHaveLength(100);
});

test.each([
  ["empty names", ",".repeat(99)],
  ["unknown names", Array(100).fill("x").join()],
  ["wrong input", Array(100).fill("rooms.get").join()],
])("the largest batch of %s costs less than 64 KiB of answers", async (_what, paths) => {
  const answer = await api.get(`/trpc/${paths}?batch=1`);
  expect(answer.json).toHaveLength(100);
  harmless(answer);
});

test("what nobody foresaw is 500 without a word of what it was, and logged with its trace id", async () => {
  const store = { ...api.store, readRollups: () => Promise.reject(new Error("secret of /srv/data/log.db")) };
  const broken = await startTestApi({ store });
  const path = "metric=votes&from=2026-11-01&to=2026-11-02";
  const rest = await broken.get("/api/v1/metrics/votes?from=2026-11-01&to=2026-11-02");
  const rpc = await broken.get(
    `/trpc/metrics.query?input=${encodeURIComponent(JSON.stringify(Object.fromEntries(new URLSearchParams(path))))}`,
  );
  for (const answer of [rest, rpc]) {
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("secret");
    harmless(answer);
  }
  const log = broken.lines.join("\n");
  expect(log).toContain(rest.json.instance.slice("urn:trace:".length));
  expect(log).not.toContain("secret");
  await broken.close();
});
