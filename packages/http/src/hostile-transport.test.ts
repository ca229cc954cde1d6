import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Answer, exchange, ordinaryRequest, startTestServer } from "./raw-connection.testing.ts";

let server: Awaited<ReturnType<typeof startTestServer>>;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.app.close());
beforeEach(() => {
  server.received.length = 0;
});

const json = "content-type: application/json\r\n";
const post = (headers: string, body = "") => `POST /things HTTP/1.1\r\nhost: test\r\n${headers}\r\n${body}`;
const get = (target: string, headers = "") => `GET ${target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n${headers}\r\n`;

function expectProblem(answer: Answer | undefined, status: number): void {
  expect(answer?.status).toBe(status);
  expect(answer?.head.toLowerCase()).toContain("content-type: application/problem+json");
  const body = JSON.parse(answer?.body ?? "");
  expect(body).toMatchObject({ status, instance: expect.stringMatching(/^urn:trace:[0-9a-f]{32}$/) });
  expect(body.type).toMatch(/^\/problems\/[a-z-]+$/);
}

/** One problem, the connection closed, nothing stored, and the server goes on. */
async function expectOnlyProblem(bytes: string | Buffer, status: number, endAfter = false): Promise<void> {
  const { answers } = await exchange(server.port, bytes, { endAfter });
  expect(answers).toHaveLength(1);
  expectProblem(answers[0], status);
  expect(server.received).toEqual([]);
  expect((await ordinaryRequest(server.url)).status).toBe(200);
}

const hidden = "GET /things/1 HTTP/1.1\r\nhost: test\r\n\r\n";

test.each<[string, string]>([
  [
    "content length and chunks, with a hidden second request",
    post(`${json}content-length: 5\r\ntransfer-encoding: chunked\r\n`, `0\r\n\r\n${hidden}`),
  ],
  [
    "chunks and content length, in the other order",
    post(`${json}transfer-encoding: chunked\r\ncontent-length: 5\r\n`, `0\r\n\r\n${hidden}`),
  ],
  ["a transfer encoding that does not end in chunked", post(`${json}transfer-encoding: chunked, identity\r\n`, `0\r\n\r\n${hidden}`)],
  ["two content lengths", post(`${json}content-length: 2\r\ncontent-length: 3\r\n`, "{} ")],
  ...["-1", "1e3", "0x10", "2, 2", "99999999999999999999", "+2", " "].map((length): [string, string] => [
    `content length ${JSON.stringify(length)}`,
    post(`${json}content-length: ${length}\r\n`, "{}"),
  ]),
  ["a chunk size that is no hex", post(`${json}transfer-encoding: chunked\r\n`, "zz\r\n{}\r\n0\r\n\r\n")],
  ["a chunk size of 17 Fs", post(`${json}transfer-encoding: chunked\r\n`, `${"F".repeat(17)}\r\n{}\r\n0\r\n\r\n`)],
  ["NUL in a header value", get("/things/1", "x-a: a\0b\r\n")],
  ["NUL in a header name", get("/things/1", "x\0a: b\r\n")],
  ["a bare CR in a header value", get("/things/1", "x-a: a\rb: c\r\n")],
  ["a folded header", get("/things/1", "x-a: a\r\n b\r\n")],
  ["a bare LF as line end", "GET /things/1 HTTP/1.1\nhost: test\n\n"],
  ["a space before the colon", get("/things/1", "x-a : b\r\n")],
  ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a Redis command", "*1\r\n$4\r\nPING\r\n"],
  ["noise", "\x01\x02\x03 noise \xff\r\n\r\n"],
  ["an unknown method", "FROB / HTTP/1.1\r\nhost: test\r\n\r\n"],
  ["HTTP/9.9", "GET / HTTP/9.9\r\nhost: test\r\n\r\n"],
])("%s is refused with 400 and closed", async (_, bytes) => {
  await expectOnlyProblem(Buffer.from(bytes, "latin1"), 400);
});

test("a TLS hello is refused with 400 and closed", async () => {
  await expectOnlyProblem(Buffer.concat([Buffer.from("1603010200010001fc0303", "hex"), Buffer.alloc(500, 7)]), 400);
});

test("a chunk extension of 128 KiB is refused with 413 and closed", async () => {
  await expectOnlyProblem(post(`${json}transfer-encoding: chunked\r\n`, `2;${"x".repeat(128 * 1024)}\r\n{}\r\n0\r\n\r\n`), 413);
});

test.each([
  ["3,000 headers", get("/things/1", Array.from({ length: 3_000 }, (_, n) => `x-${n}: value\r\n`).join(""))],
  ["300 headers of two letters", get("/things/1", "a:b\r\n".repeat(300))],
  ["a header of 128 KiB", get("/things/1", `x-a: ${"a".repeat(128 * 1024)}\r\n`)],
  ["a query of 64 KiB", get(`/things/1?q=${"a".repeat(64 * 1024)}`)],
])("%s is refused with 431 and closed", async (_, bytes) => {
  await expectOnlyProblem(bytes, 431);
});

test.each([
  ["one that ends early", post(`${json}content-length: 100\r\n`, '{"a":')],
  ["a chunked one that ends early", post(`${json}transfer-encoding: chunked\r\n`, "5\r\n{}")],
])("of a body cut short, %s, nothing is taken", async (_, bytes) => {
  const { answers } = await exchange(server.port, bytes, { endAfter: true });
  for (const answer of answers) expectProblem(answer, 400);
  expect(answers.length).toBeLessThanOrEqual(1);
  expect(server.received).toEqual([]);
  expect((await ordinaryRequest(server.url)).status).toBe(200);
});

test.each(["__proto__: a\r\n__proto__: b\r\n", "constructor: a\r\n", "tostring: a\r\nhasOwnProperty: b\r\n"])(
  "the header %j gets the normal answer",
  async (headers) => {
    const { answers } = await exchange(server.port, get("/things/1", headers));
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, "a thing"]]);
    expect((await ordinaryRequest(server.url)).status).toBe(200);
  },
);

test("a broken second request on a connection is refused after the first has its answer", async () => {
  const { answers } = await exchange(server.port, `GET /things/1 HTTP/1.1\r\nhost: test\r\n\r\nNOISE\r\n\r\n`);
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
});

test("a request that was refused before its body gets no second answer when the body is broken", async () => {
  const { answers } = await exchange(server.port, `POST /nowhere HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`);
  expect(answers).toHaveLength(1);
  expect([400, 404]).toContain(answers[0]?.status);
});

test.each([
  ["application/json\ta", [400, 415]],
  ["application/json\tcharset=utf-8", [400, 415]],
  ["application/json, text/plain", [400, 415]],
  ["text/plain; application/json", [415]],
  ["text/plain", [415]],
  ["application/x-www-form-urlencoded", [415]],
  ["multipart/form-data; boundary=a", [415]],
  ["application/octet-stream", [415]],
  ["application/jsonp", [415]],
  ["nonsense", [415]],
])("the content type %j does not reach the route", async (contentType, statuses) => {
  const { answers } = await exchange(server.port, post(`content-type: ${contentType}\r\nconnection: close\r\ncontent-length: 2\r\n`, "{}"));
  expect(statuses).toContain(answers[0]?.status);
  expectProblem(answers[0], answers[0]?.status ?? 0);
  expect(server.received).toEqual([]);
});

test.each(["APPLICATION/JSON", " application/json", "application/json ;charset=utf-8"])("%j is JSON", async (contentType) => {
  const { answers } = await exchange(server.port, post(`content-type: ${contentType}\r\nconnection: close\r\ncontent-length: 2\r\n`, "{}"));
  expect(answers.map(({ status }) => status)).toEqual([200]);
  expect(server.received).toEqual([{}]);
});

test("two different content types, or none, are refused with 415", async () => {
  const two = `content-type: application/json\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 2\r\n`;
  expectProblem((await exchange(server.port, post(two, "{}"))).answers[0], 415);
  expectProblem((await exchange(server.port, post("connection: close\r\ncontent-length: 2\r\n", "{}"))).answers[0], 415);
  expect(server.received).toEqual([]);
});

test.each([
  ["its body", "{}"],
  ["no body yet", ""],
])("an expectation other than 100-continue, sent with %s, is refused with 417", async (_, body) => {
  await expectOnlyProblem(post(`${json}expect: nonsense\r\ncontent-length: 2\r\n`, body), 417);
});

test.each(["websocket", "h2c"])("an upgrade to %s is ignored", async (protocol) => {
  const { answers } = await exchange(
    server.port,
    `GET /things/1 HTTP/1.1\r\nhost: test\r\nconnection: upgrade, close\r\nupgrade: ${protocol}\r\n\r\n`,
  );
  expect(answers.map(({ status }) => status)).toEqual([200]);
  expect((await ordinaryRequest(server.url)).status).toBe(200);
});

test.each([
  "/things/%zz",
  "/%c0%af",
  "/things/%c0%af",
  "/../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/things/..%2f..%2fetc%2fpasswd/x",
  "/%252e%252e/etc/passwd",
  "/%00",
  "//evil/things",
  "http://evil/",
  `/things/${"a".repeat(2_000)}`,
])("%s is answered 400, 404 or 414 and not repeated", async (target) => {
  const { answers } = await exchange(server.port, get(target));
  const [answer] = answers;
  expect([400, 404, 414]).toContain(answer?.status);
  expectProblem(answer, answer?.status ?? 0);
  expect(answer?.body).not.toMatch(/passwd|evil|aaaa|%zz|%c0/);
});

test("a parameter of a path may have 200 characters and no more", async () => {
  const statusOf = async (length: number) => (await exchange(server.port, get(`/things/${"a".repeat(length)}`))).answers[0]?.status;
  expect(await statusOf(200)).toBe(200);
  expect(await statusOf(201)).toBe(414);
});

test("X-Forwarded-For of a client is not its address", async () => {
  const { answers } = await exchange(
    server.port,
    post(`${json}x-forwarded-for: 203.0.113.9\r\nconnection: close\r\ncontent-length: 2\r\n`, "{}"),
  );
  expect(JSON.parse(answers[0]?.body ?? "")).toMatchObject({ ip: "127.0.0.1" });
});

test.each([
  ["with its length said", post(`${json}content-length: ${2 * 1024 * 1024}\r\n`, " ".repeat(2 * 1024 * 1024))],
  ["with 10 GiB announced", post(`${json}content-length: 10737418240\r\n`, " ".repeat(1_000))],
  ["in chunks", post(`${json}transfer-encoding: chunked\r\n`, `10000\r\n${" ".repeat(0x10000)}\r\n`.repeat(20))],
])("a body over the limit, %s, is refused with 413 and closed", async (_, bytes) => {
  await expectOnlyProblem(bytes, 413);
});

test("a client that sends all of a body that is too large before it reads is not reset, and reads its 413", async () => {
  const socket = connect(server.port, "127.0.0.1");
  const answered = once(socket, "data");
  const written = Promise.withResolvers<Error | null | undefined>();
  socket.once("error", written.resolve);
  socket.write(post(`${json}content-length: ${8 * 1024 * 1024}\r\n`));
  socket.write(Buffer.alloc(8 * 1024 * 1024, " "), written.resolve);
  expect(await written.promise).toBeFalsy();
  expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});
