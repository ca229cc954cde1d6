import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "@trinity/http/listening";
import { installProblemHandling } from "@trinity/http/problem-handling";
import fastify, { type FastifyInstance } from "fastify";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { installAdmission } from "./admission.ts";

const mebibyte = 1024 * 1024;

function appWithRoutes() {
  const app = fastify();
  installProblemHandling(app);
  installAdmission(app);
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  const route = { method: "POST", bodyLimit: 512 * mebibyte, handler: async () => "taken" } as const;
  app.route({ ...route, url: "/events" });
  app.route({
    ...route,
    url: "/otlp",
    errorHandler: (error, _request, reply) => reply.code(error.statusCode ?? 503).send("in OTLP's words"),
  });
  return app;
}

/** As the above, and a route that answers when it is told to. */
function appThatWaits() {
  const app = appWithRoutes();
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  app.post("/slow", { bodyLimit: 512 * mebibyte }, async () => {
    entered.resolve();
    await gate.promise;
    return "taken";
  });
  return { app, entered: entered.promise, release: gate.resolve };
}

describe("admission", () => {
  const announce = (bytes: number) => ({ "content-type": "application/octet-stream", "content-length": `${bytes}` });

  test("a body for which there is no room is refused with 429 and when to come back", async () => {
    const answer = await appWithRoutes().inject({ method: "POST", url: "/events", headers: announce(300 * mebibyte) });
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
  });

  test("the refusal is in the words of the route", async () => {
    const answer = await appWithRoutes().inject({ method: "POST", url: "/otlp", headers: announce(300 * mebibyte) });
    expect([answer.statusCode, answer.body]).toEqual([429, "in OTLP's words"]);
  });

  test("what has been answered makes room again", async () => {
    const app = appWithRoutes();
    for (let i = 0; i < 3; i++) {
      const taken = await app.inject({ method: "POST", url: "/events", headers: announce(200 * mebibyte) });
      expect(taken.statusCode).toBe(200);
    }
  });

  test("exactly 256 MiB may be under way, and not one byte more", async () => {
    const statusOf = async (bytes: number) =>
      (await appWithRoutes().inject({ method: "POST", url: "/events", headers: announce(bytes) })).statusCode;
    expect([await statusOf(256 * mebibyte), await statusOf(256 * mebibyte + 1)]).toEqual([200, 429]);
  });

  test("a body that announces no length takes the room of the largest one; a request without a body takes none", async () => {
    const app = appWithRoutes();
    const chunked = await app.inject({ method: "POST", url: "/events", headers: { "transfer-encoding": "chunked" } });
    const without = await app.inject({ method: "POST", url: "/events" });
    const late = await app.inject({ method: "POST", url: "/events", headers: announce(257 * mebibyte) });
    expect([chunked.statusCode, without.statusCode, late.statusCode]).toEqual([429, 200, 429]);
  });

  test("an announcement beyond what the route takes counts as what it takes", async () => {
    const app = fastify();
    installAdmission(app);
    app.addContentTypeParser("*", (_request, _body, done) => done(null));
    app.post("/small", { bodyLimit: mebibyte }, async () => "taken");
    const answer = await app.inject({ method: "POST", url: "/small", headers: announce(300 * mebibyte) });
    expect(answer.statusCode).not.toBe(429);
  });

  test("what is under way is counted together", async () => {
    const { app, entered, release } = appThatWaits();
    const first = app.inject({ method: "POST", url: "/slow", headers: announce(200 * mebibyte) });
    await entered;
    expect((await app.inject({ method: "POST", url: "/events", headers: announce(57 * mebibyte) })).statusCode).toBe(429);
    expect((await app.inject({ method: "POST", url: "/events", headers: announce(56 * mebibyte) })).statusCode).toBe(200);
    release();
    expect((await first).statusCode).toBe(200);
  });

  const headOf = (url: string, bytes: number) =>
    `POST ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${bytes}\r\n\r\n`;

  /** Connects to the app. `left` resolves once the app has noticed that the connection is closed. */
  async function connectedTo(app: FastifyInstance) {
    const left = Promise.withResolvers<void>();
    app.server.once("connection", (socket) => socket.once("close", () => left.resolve()));
    const { port } = await listen(app, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => app.close());
    return { socket: connect(port, "127.0.0.1"), left: left.promise };
  }

  async function expectAllRoomAndNoMore(app: FastifyInstance) {
    const statusOf = async (bytes: number) => (await app.inject({ method: "POST", url: "/events", headers: announce(bytes) })).statusCode;
    expect([await statusOf(256 * mebibyte), await statusOf(256 * mebibyte + 1)]).toEqual([200, 429]);
  }

  test.each([
    ["a part of its body", `${headOf("/slow", 200 * mebibyte)}x`],
    ["its whole body", `${headOf("/slow", 3)}abc`],
    ["many requests without waiting for an answer", `${headOf("/slow", 3)}abc${`${headOf("/events", 3)}abc`.repeat(20)}`],
  ])("a sender that sent %s and leaves makes room at once, and only once", async (_, sent) => {
    const warned = vi.spyOn(process, "emitWarning");
    const { app, entered, release } = appThatWaits();
    const { socket, left } = await connectedTo(app);
    socket.write(sent);
    await entered;
    socket.destroy();
    await left;
    await expectAllRoomAndNoMore(app);
    release();
    await new Promise(setImmediate);
    await expectAllRoomAndNoMore(app);
    expect(warned).not.toHaveBeenCalled();
  });

  test("an answered request whose connection closes later makes room once", async () => {
    const app = appWithRoutes();
    const { socket, left } = await connectedTo(app);
    socket.write(`${headOf("/events", 3)}abc`);
    await once(socket, "data");
    socket.destroy();
    await left;
    await expectAllRoomAndNoMore(app);
  });
});
