import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Json, startTestApi, type TestApi } from "./api-app.testing.ts";
import type { AppRouter } from "./router.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const withKey = () => ({ authorization: `Bearer ${api.key.admin}` });
const question = { metric: "votes", from: "2026-11-20", to: "2026-11-23" } as const;

const filter = [`platform:${"x".repeat(200)}`];

/** @returns what each of so many calls of one turn came to: "answered", or the message of its error */
async function askedAtOnce(
  count: number,
  options: { readonly link?: "stream"; readonly methodOverride?: "POST"; readonly filter?: readonly string[] } = {},
) {
  const link = options.link === "stream" ? httpBatchStreamLink : httpBatchLink;
  const { methodOverride } = options;
  const client = createTRPCClient<AppRouter>({
    links: [link({ url: `${api.url}/trpc`, headers: withKey(), ...(methodOverride === undefined ? {} : { methodOverride }) })],
  });
  const calls = Array.from({ length: count }, () => client.metrics.query.query({ ...question, filter: [...(options.filter ?? [])] }));
  return (await Promise.allSettled(calls)).map((call) => (call.status === "fulfilled" ? "answered" : messageOf(call.reason)));
}

function messageOf(error: unknown): string {
  return error instanceof TRPCClientError ? error.message : `no error of tRPC: ${error}`;
}

test.each([1, 21, 60])("a page of %d tiles is answered in one batch", async (count) => {
  expect(await askedAtOnce(count)).toEqual(Array(count).fill("answered"));
});

test("a page of 100 tiles, whose inputs no address could carry, is answered in one batch by POST", async () => {
  expect(await askedAtOnce(100, { methodOverride: "POST", filter })).toEqual(Array(100).fill("answered"));
});

test("each call of a batch that is too large is told the bound, by GET and by POST", async () => {
  const message = "A batch takes at most 100 calls: send the others in further batches.";
  expect(await askedAtOnce(101, { methodOverride: "POST" })).toEqual(Array(101).fill(message));
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${api.url}/trpc`, headers: withKey() })] });
  const calls = await Promise.allSettled(Array.from({ length: 101 }, () => client.health.verification.query()));
  expect(new Set(calls.map((call) => call.status === "rejected" && messageOf(call.reason)))).toEqual(new Set([message]));
});

test("the answers to a batch are so large together as one may be: what comes after is told to ask alone", async () => {
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${api.url}/trpc`, headers: withKey() })] });
  const twoYears = { metric: "votes", granularity: "hour", from: "2024-11-23", to: "2026-11-23" } as const;
  const ask = (count: number) => Promise.allSettled(Array.from({ length: count }, () => client.metrics.query.query(twoYears)));
  const answered = (calls: Awaited<ReturnType<typeof ask>>) => calls.filter(({ status }) => status === "fulfilled").length;
  expect(answered(await ask(3))).toBe(3);
  const many = await ask(12);
  expect(answered(many)).toBeGreaterThanOrEqual(3);
  expect(answered(many)).toBeLessThan(9);
  const message = "The answers to this batch are too large together. Ask this question in a request of its own.";
  for (const call of many) if (call.status === "rejected") expect(messageOf(call.reason)).toBe(message);
});

test("each call of a batch whose address is too long hears so from the client of tRPC", async () => {
  const [message, ...others] = await askedAtOnce(100, { filter });
  expect(message).toMatch(/address are too long together/);
  expect(new Set(others)).toEqual(new Set([message]));
});

test("the streaming client of tRPC gets its answers", async () => {
  expect(await askedAtOnce(21, { link: "stream" })).toEqual(Array(21).fill("answered"));
});

const json = { "content-type": "application/json" };
const batch = encodeURIComponent;
test.each<[string, string, string, RequestInit, number, RegExp]>([
  ["input that is no JSON", "GET", "/metrics.query?input=notjson", {}, 400, /`input` must be JSON/],
  ["input of a batch that is no JSON", "GET", "/metrics.list,metrics.list?batch=1&input=notjson", {}, 400, /`input` must be JSON/],
  ["input of a batch that is no object", "GET", `/metrics.list,metrics.list?batch=1&input=${batch("3")}`, {}, 400, /an object with one/],
  ["a body that is no JSON", "POST", "/metrics.query", { body: "{", headers: json }, 400, /`input` must be JSON/],
  ["a body that nests too deep", "POST", "/metrics.query", { body: "[".repeat(100), headers: json }, 400, /./],
  ["a body that is too long", "POST", "/metrics.query", { body: `"${"x".repeat(70_000)}"`, headers: json }, 413, /limit/],
  ["a body of another type", "POST", "/metrics.query", { body: "x", headers: { "content-type": "text/csv" } }, 415, /content type/],
  ["a form", "POST", "/metrics.query", { body: "x", headers: { "content-type": "multipart/form-data; boundary=x" } }, 415, /content type/],
  ["no type", "POST", "/metrics.query", {}, 415, /application\/json/],
  ["a mutation by GET", "GET", "/admin.keys.create", {}, 405, /mutation by POST/],
  ["a method of no use without a body", "DELETE", "/metrics.list", {}, 405, /query by GET or POST/],
  ["a method of no use", "PUT", "/metrics.list", { body: "{}", headers: json }, 405, /query by GET or POST/],
  ["an unknown procedure", "GET", "/nonsense", {}, 404, /no procedure of this name/],
  ["unknown procedures only", "GET", "/a,b?batch=1", {}, 404, /no procedure of this name/],
  ["queries and mutations in one batch", "GET", "/metrics.list,admin.keys.list,admin.keys.create?batch=1", {}, 400, /calls of one kind/],
  ["101 calls", "GET", `/${Array(101).fill("a").join()}?batch=1`, {}, 400, /at most 100 calls/],
  ["101 empty names", "GET", `/${",".repeat(100)}?batch=1`, {}, 400, /at most 100 calls/],
  ["jsonl without a batch", "GET", "/metrics.list", { headers: { "trpc-accept": "application/jsonl" } }, 400, /batch=1/],
  ["parameters of a connection that are no JSON", "GET", "/metrics.list?connectionParams=x", {}, 400, /./],
  ["an address that is no UTF-8", "GET", "/%c0%af", {}, 400, /./],
  ["an address with a broken escape", "GET", "/%zz", {}, 400, /./],
  ["an address that is too long", "GET", `/metrics.query?input=${"x".repeat(20_000)}`, {}, 431, /too long/],
])("%s is refused as a client of tRPC reads it", async (_what, method, path, init, status, words) => {
  const response = await fetch(`${api.url}/trpc${path}`, { method, ...init, headers: { ...withKey(), ...(init.headers as object) } });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/(problem\+)?json/);
  const body: Json = await response.json();
  const errors = [body].flat().map(({ error }: Json) => error);
  for (const error of errors) {
    expect(error.message).toMatch(words);
    expect(error.code).toBeTypeOf("number");
    expect(error.data).toMatchObject({ code: expect.any(String), httpStatus: status, problem: { status, detail: error.message } });
    expect(JSON.stringify(error)).not.toMatch(/notjson|csv|nonsense|%zz/);
  }
});

test("no key and a wrong key are refused as a client of tRPC reads it", async () => {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${api.url}/trpc`, headers: { authorization: "Bearer x" } })] });
  const error = await client.metrics.list.query().catch((thrown: TRPCClientError<AppRouter>) => thrown);
  expect(error).toMatchObject({ data: { code: "UNAUTHORIZED", httpStatus: 401 } });
});
