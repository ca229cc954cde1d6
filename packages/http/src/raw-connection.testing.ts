import { connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { createHttpServer, type HttpServerSettings } from "./http-server.ts";
import { listen } from "./listening.ts";

/** A server for tests with one route that takes JSON and one that takes nothing. */
export async function startTestServer(settings: Partial<HttpServerSettings> = {}, lines: string[] = []) {
  const app: FastifyInstance = createHttpServer({ name: "test", logStream: { write: (line) => void lines.push(line) }, ...settings });
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(Object.assign(new Error(`not JSON: ${String(body)}`), { statusCode: 400 }));
    }
  });
  const received: unknown[] = [];
  app.post("/things", (request, reply) => {
    received.push(request.body);
    return reply.send(JSON.stringify({ received: request.body, ip: request.ip }));
  });
  app.get("/things/:id", (_, reply) => reply.send("a thing"));
  const { port, url } = await listen(app, { host: "127.0.0.1", port: 0 });
  return { app, port, url, received, lines };
}

export type Exchange = { readonly answers: readonly Answer[]; readonly text: string };
export type Answer = { readonly status: number; readonly head: string; readonly body: string };

/** Sends raw bytes and collects the answer until the server closes the connection. */
export async function exchange(port: number, bytes: string | Buffer, settings: { readonly endAfter?: boolean } = {}): Promise<Exchange> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.setNoDelay(true);
  socket.on("error", () => {}); // the server may reset the connection after the answer
  if (settings.endAfter === true) socket.end(bytes);
  else socket.write(bytes);
  const text = await readAll(socket);
  socket.destroy();
  return { text, answers: answersIn(text) };
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("end", resolve);
  socket.on("close", () => resolve());
  await promise;
  return Buffer.concat(chunks).toString("latin1");
}

/** Splits by content length, so that a second answer on the connection is seen. */
function answersIn(text: string): readonly Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest.length > 0) {
    const headEnd = rest.indexOf("\r\n\r\n");
    const head = rest.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const body = rest.slice(headEnd + 4, headEnd + 4 + length);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (headEnd < 0 || Number.isNaN(status)) throw new Error(`no HTTP answer: ${rest.slice(0, 200)}`);
    if (status >= 200) answers.push({ status, head, body });
    rest = rest.slice(headEnd + 4 + length);
  }
  return answers;
}

/** An ordinary request, to check that the server still answers. */
export async function ordinaryRequest(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${url}/things`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: '{"ordinary":true}',
  });
  return { status: answer.status, body: await answer.json() };
}
