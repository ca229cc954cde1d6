import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { exchange, ordinaryRequest, startTestServer } from "./raw-connection.testing.ts";

let server: Awaited<ReturnType<typeof startTestServer>> | undefined;
afterEach(() => server?.app.close());

const shortLimits = { requestTimeoutMs: 150, headersTimeoutMs: 100, connectionsCheckingIntervalMs: 20 };

test.each([
  ["header", "POST /things HTTP/1.1\r\nhost: test\r\n"],
  ["body", "POST /things HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"],
])("60 clients with an unfinished %s are cut with 408 while others are served", async (_, bytes) => {
  server = await startTestServer({ limits: shortLimits });
  const { port, url, received } = server;
  const slow = Array.from({ length: 60 }, () => exchange(port, bytes));
  expect((await ordinaryRequest(url)).status).toBe(200);
  for (const { answers } of await Promise.all(slow)) expect(answers.map(({ status }) => status)).toEqual([408]);
  expect(received).toEqual([{ ordinary: true }]);
});

test("100 clients that leave in the middle do no harm", async () => {
  server = await startTestServer();
  const { port, url, received } = server;
  const leaving = Array.from({ length: 100 }, async (_, n) => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `POST /things HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n${" ".repeat(n % 50)}`,
    );
    socket.resetAndDestroy();
  });
  await Promise.all(leaving);
  expect((await ordinaryRequest(url)).status).toBe(200);
  expect(received).toEqual([{ ordinary: true }]);
});

test("connections beyond the limit are dropped, and taken again when others go", async () => {
  server = await startTestServer({ limits: { connectionsMax: 2 } });
  const { app, port, url } = server;
  const held = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(held.map((socket) => once(socket, "connect")));
  const dropped = once(app.server, "drop");
  await exchange(port, "GET /things/1 HTTP/1.1\r\nhost: test\r\n\r\n");
  await dropped;
  for (const socket of held) socket.end();
  await Promise.all(held.map((socket) => once(socket, "close")));
  expect((await ordinaryRequest(url)).status).toBe(200);
});
