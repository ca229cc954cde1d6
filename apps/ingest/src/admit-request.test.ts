import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "@trinity/http/listening";
import { installProblemHandling, sendProblem } from "@trinity/http/problem-handling";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createAdmission } from "./admission.ts";
import { admitRequest, installAdmission } from "./admit-request.ts";

const mebibyte = 1024 * 1024;
const limits = { bytesMax: 10 * mebibyte, sharedBytesMax: 6 * mebibyte, guaranteedBytes: mebibyte };

/** `/taken` answers at once, `/slow` when it is told to; the header `sender` says who sends. */
function setUp() {
  const app = fastify();
  const admission = createAdmission({ clock: { nowMs: () => 0 }, random: () => 0.5, limits });
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  installProblemHandling(app);
  installAdmission(app);
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const admitted = admitRequest(admission, String(request.headers["sender"] ?? "one"), request, reply);
    if (admitted.ok) return undefined;
    const { permanent: _, kind: __, ...details } = admitted.error;
    return sendProblem(request, reply, "too-many-requests", details);
  };
  const route = { method: "POST", bodyLimit: 8 * mebibyte, onRequest } as const;
  app.route({ ...route, url: "/taken", handler: async () => "taken" });
  app.route({ ...route, url: "/small", bodyLimit: mebibyte, handler: async () => "taken" });
  app.route({
    ...route,
    url: "/slow",
    handler: async () => {
      entered.resolve();
      await gate.promise;
      return "taken";
    },
  });
  onTestFinished(() => app.close());
  return { app, admission, entered: entered.promise, release: gate.resolve };
}

const headOf = (url: string, bytes: number, sender = "one") =>
  `POST ${url} HTTP/1.1\r\nhost: x\r\nsender: ${sender}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${bytes}\r\n\r\n`;
const chunkedHead = `POST /taken HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n`;
const chunkOf = (bytes: number) => `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;

/** Connects to the app. `left` resolves once the app has noticed that the connection is closed. */
async function connectedTo(app: FastifyInstance) {
  const left = Promise.withResolvers<void>();
  if (!app.server.listening) await listen(app, { host: "127.0.0.1", port: 0 });
  app.server.once("connection", (socket) => socket.once("close", () => left.resolve()));
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  return { socket, left: left.promise };
}

/** Announces a body and sends none of it; resolves once that is counted. */
async function announce(app: FastifyInstance, underWay: () => number, bytes: number, sender?: string) {
  const connected = await connectedTo(app);
  const before = underWay();
  connected.socket.write(headOf("/taken", bytes, sender));
  await vi.waitFor(() => expect(underWay()).toBe(before + bytes));
  return connected;
}

async function answerTo(app: FastifyInstance, sent: string) {
  const { socket } = await connectedTo(app);
  socket.write(sent);
  const [text] = (await once(socket, "data")) as [Buffer];
  return text.toString();
}

describe("admission of requests", () => {
  test("a body for which there is no room is refused before it is read, with 429 and when to come back", async () => {
    const { app, admission } = setUp();
    await announce(app, admission.bytesUnderWay, 6 * mebibyte);
    const answer = await answerTo(app, headOf("/taken", 1));
    expect(answer).toContain("429 Too Many Requests");
    // What waits and was refused, at a mebibyte a second.
    expect(answer).toMatch(/retry-after: 7\r\n/i);
  });

  test("another sender is still admitted, up to the last byte of the room", async () => {
    const { app, admission } = setUp();
    await announce(app, admission.bytesUnderWay, 6 * mebibyte);
    expect(await answerTo(app, headOf("/taken", 4 * mebibyte + 1, "two"))).toContain("429 Too Many Requests");
    await announce(app, admission.bytesUnderWay, 4 * mebibyte, "two");
    expect(await answerTo(app, headOf("/taken", 1, "three"))).toContain("429 Too Many Requests");
  });

  test("a request without a body takes nothing", async () => {
    const { app, admission } = setUp();
    await announce(app, admission.bytesUnderWay, 8 * mebibyte);
    await announce(app, admission.bytesUnderWay, 2 * mebibyte, "two");
    expect((await app.inject({ method: "POST", url: "/taken", headers: { sender: "three" } })).statusCode).toBe(200);
  });

  test("an announcement beyond what the route takes counts as what it takes", async () => {
    const { app, admission } = setUp();
    await announce(app, admission.bytesUnderWay, 8 * mebibyte);
    expect(await answerTo(app, headOf("/small", 300 * mebibyte, "two"))).toContain("413");
  });

  test("a body that announces no length counts as it comes, and is refused where its sender has no more room", async () => {
    const { app, admission } = setUp();
    const { socket } = await connectedTo(app);
    socket.write(chunkedHead);
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(16 * 1024));
    socket.write(chunkOf(100_000));
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(100_000));
    await announce(app, admission.bytesUnderWay, 6 * mebibyte, "two");
    await announce(app, admission.bytesUnderWay, 3 * mebibyte, "three");
    socket.write(chunkOf(mebibyte));
    const [text] = (await once(socket, "data")) as [Buffer];
    expect(text.toString()).toMatch(/429 Too Many Requests[^]*retry-after: \d+\r\n/i);
  });

  test("a body that announces no length is taken whole", async () => {
    const { app, admission } = setUp();
    expect(await answerTo(app, `${chunkedHead}${chunkOf(100_000)}${chunkOf(100_000)}0\r\n\r\n`)).toContain("200 OK");
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(0));
  });

  test("a body that announces no length and whose sender leaves gives back what came", async () => {
    const { app, admission } = setUp();
    const { socket, left } = await connectedTo(app);
    socket.write(`${chunkedHead}${chunkOf(100_000)}`);
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(100_000));
    socket.destroy();
    await left;
    expect(admission.bytesUnderWay()).toBe(0);
  });

  test.each([
    ["a part of its body", `${headOf("/slow", 4 * mebibyte)}x`, 4 * mebibyte],
    ["its whole body", `${headOf("/slow", 3)}abc`, 3],
    ["many requests without waiting for an answer", `${headOf("/slow", 3)}abc${`${headOf("/taken", 3)}abc`.repeat(20)}`, 63],
  ])("a sender that sent %s and leaves gives everything back at once, and only once", async (_, sent, bytes) => {
    const warned = vi.spyOn(process, "emitWarning");
    const { app, admission, entered, release } = setUp();
    const { socket, left } = await connectedTo(app);
    socket.write(sent);
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(bytes));
    if (bytes < mebibyte) await entered;
    socket.destroy();
    await left;
    expect(admission.bytesUnderWay()).toBe(0);
    release();
    await new Promise(setImmediate);
    expect(admission.bytesUnderWay()).toBe(0);
    expect(warned).not.toHaveBeenCalled();
  });

  test("an answered request gives everything back, and nothing more when its connection closes later", async () => {
    const { app, admission } = setUp();
    const { socket, left } = await connectedTo(app);
    socket.write(`${headOf("/taken", 3)}abc`);
    await once(socket, "data");
    await vi.waitFor(() => expect(admission.bytesUnderWay()).toBe(0));
    socket.destroy();
    await left;
    expect(admission.bytesUnderWay()).toBe(0);
  });
});
