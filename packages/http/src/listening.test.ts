import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createHttpServer } from "./http-server.ts";
import { closeWithin, listen } from "./listening.ts";
import { exchange, startTestServer } from "./raw-connection.testing.ts";

afterEach(() => void vi.useRealTimers());

const get = (target: string) => `GET ${target} HTTP/1.1\r\nhost: test\r\n\r\n`;

/** A server with a route that answers only when the test lets it. */
async function startSlowServer() {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const app = createHttpServer({ name: "test", logStream: { write: () => {} } });
  app.get("/slow", async () => {
    entered.resolve();
    await release.promise;
    return "done";
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0 });
  return { app, port, entered: entered.promise, release: release.resolve };
}

test("a request under way gets its answer while new connections are refused", async () => {
  const { app, port, entered, release } = await startSlowServer();
  const answer = exchange(port, get("/slow"));
  await entered;
  const closing = closeWithin(app, 10_000);
  const late = connect(port, "127.0.0.1");
  const [error] = await once(late, "error");
  expect(["ECONNREFUSED", "ECONNRESET"]).toContain(error.code);
  release();
  expect((await answer).answers).toMatchObject([{ status: 200, body: "done" }]);
  expect(await closing).toBe("drained");
});

test("a request that does not end by the deadline is cut off", async () => {
  const { app, port, entered } = await startSlowServer();
  const answer = exchange(port, get("/slow"));
  await entered;
  expect(await closeWithin(app, 20)).toBe("cut off");
  expect((await answer).answers).toEqual([]);
});

test("an idle connection does not delay closing", async () => {
  const { app, port } = await startTestServer();
  const socket = connect(port, "127.0.0.1");
  socket.write(get("/things/1"));
  await once(socket, "data");
  const ended = once(socket, "close");
  expect(await closeWithin(app, 10_000)).toBe("drained");
  await ended;
});

test("a server that closed before the deadline leaves no timer behind", async () => {
  const app = createHttpServer({ name: "test", logStream: { write: () => {} } });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  expect(await closeWithin(app, 60_000)).toBe("drained");
  expect(vi.getTimerCount()).toBe(0);
});

test("an IPv6 address is in brackets in the URL", async () => {
  const app = createHttpServer({ name: "test", logStream: { write: () => {} } });
  vi.spyOn(app, "listen").mockReturnValue(undefined);
  vi.spyOn(app.server, "address").mockReturnValue({ address: "::1", family: "IPv6", port: 4318 });
  expect(await listen(app, { host: "::1", port: 4318 })).toEqual({ url: "http://[::1]:4318", port: 4318 });
});

test("an IPv4 address is unchanged in the URL, with the free port", async () => {
  const app = createHttpServer({ name: "test", logStream: { write: () => {} } });
  const { url, port } = await listen(app, { host: "127.0.0.1", port: 0 });
  expect([url, port > 0]).toEqual([`http://127.0.0.1:${port}`, true]);
  await app.close();
});
