import { randomBytes } from "node:crypto";
import { createCredential, validForMs } from "@trinity/auth/credential";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, testNowMs } from "./api-app.testing.ts";

const page = { "x-trinity-page": "1" };
let nowMs: number;
let api: TestApi;

beforeEach(async () => {
  nowMs = testNowMs;
  api = await startTestApi({ clock: { nowMs: () => nowMs } });
});
afterEach(() => api.close());

async function newLink(): Promise<string> {
  const { presented, record } = createCredential({ kind: "login", role: "admin", nowMs, randomBytes });
  await api.keys.put(record);
  return presented;
}

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = page) =>
  api.send("POST", path, JSON.stringify(body), { authorization: "", ...headers });
const logIn = (token: string, headers?: Readonly<Record<string, string>>) => post("/login", { token }, headers);
const cookieOf = ({ headers }: { readonly headers: Headers }) => headers.get("set-cookie")?.split(";")[0] ?? "";
const statusWith = async (cookie: string, headers: Readonly<Record<string, string>> = page, path = "/api/v1/metrics") =>
  (await api.get(path, { ...headers, cookie })).status;

describe("a login link", () => {
  test("opens a session that may do what an admin may, over REST and tRPC", async () => {
    const answer = await logIn(await newLink());
    expect([answer.status, answer.text, answer.headers.get("cache-control")]).toEqual([204, "", "no-store"]);
    const cookie = cookieOf(answer);
    expect(await statusWith(cookie)).toBe(200);
    expect(await statusWith(cookie, page, "/trpc/admin.keys.list")).toBe(200);
  });

  test("works once, also when it is presented ten times at once", async () => {
    const token = await newLink();
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => logIn(token)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([204, ...Array.from({ length: 9 }, () => 410)]);
    const again = await logIn(token);
    expect([again.status, again.json.detail]).toEqual([410, "This login link was used already, has expired, or was never valid."]);
    expect((await api.keys.list()).map(({ role }) => role)).toEqual(["session:admin"]);
  });

  test("does not work once it has expired", async () => {
    const token = await newLink();
    nowMs += validForMs.login;
    expect((await logIn(token)).status).toBe(410);
  });

  test("is no key and no session", async () => {
    const token = await newLink();
    expect((await api.get("/api/v1/metrics", { authorization: `Bearer ${token}` })).status).toBe(401);
    expect(await statusWith(`trinity_session=${token}`)).toBe(401);
  });

  test.each([
    ["without our header", {}],
    ["from another origin of the same site", { ...page, "sec-fetch-site": "same-site" }],
    ["from another site", { ...page, "sec-fetch-site": "cross-site" }],
    ["from another host", { ...page, origin: "http://evil.example" }],
    ["from another port of this host", { ...page, origin: "http://127.0.0.1:1" }],
    ["from a page without an origin", { ...page, origin: "null" }],
    ["from what is no origin", { ...page, origin: "127.0.0.1" }],
    ["from another host that the browser calls ours", { ...page, origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
  ])("cannot be used %s, and stays good", async (_from, headers) => {
    const token = await newLink();
    expect((await logIn(token, headers)).status).toBe(403);
    expect((await logIn(token)).status).toBe(204);
  });

  test.each([[{}], [{ token: 7 }], [{ token: "x", more: 1 }], [[]], ["text"], [{ token: "x".repeat(257) }]])("is not %j", async (body) => {
    expect((await post("/login", body)).status).toBe(400);
  });

  test("is tried no more than so often", async () => {
    const answers = await Promise.all(Array.from({ length: 301 }, (_, i) => logIn(`tk_aaaaaaaa_${i}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([410, 429]));
    expect((await logIn(await newLink())).status).toBe(204);
  });

  test("stands in no log line", async () => {
    const token = await newLink();
    const cookie = cookieOf(await logIn(token));
    await statusWith(cookie);
    expect(api.lines.join()).not.toContain(token.slice(3));
    expect(api.lines.join()).not.toContain(cookie.slice(-32));
  });
});

describe("a session", () => {
  test.each([
    ["our header is missing", {}],
    ["another origin of the same site asks", { ...page, "sec-fetch-site": "same-site" }],
  ])("does not count when %s", async (_when, headers) => {
    expect(await statusWith(cookieOf(await logIn(await newLink())), headers)).toBe(401);
  });

  test("is over when it expires, is revoked, or is logged out", async () => {
    const [first, second, third] = [await logIn(await newLink()), await logIn(await newLink()), await logIn(await newLink())].map(cookieOf);
    const sessions = async () => (await api.keys.list()).filter(({ role }) => role === "session:admin");
    expect((await post("/logout", {}, { ...page, cookie: first as string })).headers.get("set-cookie")).toContain("Max-Age=0");
    expect([await statusWith(first as string), (await sessions()).length]).toEqual([401, 2]);
    const prefix = (second as string).split("_")[2];
    expect((await api.send("DELETE", `/api/v1/admin/keys/session%20${prefix}`, undefined)).status).toBe(200);
    expect(await statusWith(second as string)).toBe(401);
    expect(await statusWith(third as string)).toBe(200);
    nowMs += validForMs.session;
    expect(await statusWith(third as string)).toBe(401);
    await logIn(await newLink());
    expect(await sessions()).toHaveLength(1);
  });

  test("is not looked at when a key is presented", async () => {
    const cookie = cookieOf(await logIn(await newLink()));
    expect(await statusWith(cookie, { ...page, authorization: "Bearer wrong" })).toBe(401);
    expect(await statusWith(cookie, { ...page, authorization: `Bearer ${api.key.service}` })).toBe(403);
  });

  test("cannot be logged out by another page", async () => {
    const cookie = cookieOf(await logIn(await newLink()));
    expect((await post("/logout", {}, { cookie })).status).toBe(403);
    expect(await statusWith(cookie)).toBe(200);
  });
});
