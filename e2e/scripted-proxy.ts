import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer as bytesOf } from "node:stream/consumers";

/**
 * The action of the proxy for one request: answer with a status, forward it, forward it cut in half, or forward it and then
 * answer with a status of its own, as if the answer was lost.
 */
export type Step =
  | { readonly kind: "answer"; readonly status: number }
  | { readonly kind: "forward" | "cut" }
  | { readonly kind: "lose"; readonly status: number };

/** One exchange as the proxy saw it. */
type Exchange = {
  readonly path: string;
  readonly body: Buffer;
  /** The answer to the sender. */
  readonly status: number;
  readonly headers: Headers;
};

/** A proxy between a sender and a server that follows a script and records. After the script it forwards. */
export type ScriptedProxy = {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  follow(script: readonly Step[], onExchange?: (exchange: Exchange) => void): void;
  close(): Promise<void>;
};

export async function startScriptedProxy(target: string): Promise<ScriptedProxy> {
  let script: Step[] = [];
  let listener: (exchange: Exchange) => void = () => {};
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => void exchange(request, response));

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const answer = await answerOf(script.shift() ?? { kind: "forward" }, request, body);
    const seen = { path: request.url ?? "", body, status: answer.status, headers: answer.headers };
    exchanges.push(seen);
    listener(seen);
    for (const name of ["content-type", "retry-after"]) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  }

  async function answerOf(step: Step, request: IncomingMessage, body: Buffer): Promise<Response> {
    if (step.kind === "answer") return scripted(step.status);
    const sent = step.kind === "cut" ? body.subarray(0, Math.floor(body.length / 2)) : body;
    const headers = Object.fromEntries(["content-type", "x-api-key"].map((name) => [name, String(request.headers[name])]));
    const answer = await fetch(`${target}${request.url}`, { method: "POST", headers, body: new Uint8Array(sent) });
    if (step.kind !== "lose") return answer;
    if (!answer.ok) throw new Error(`the server took nothing: ${answer.status}`);
    return scripted(step.status);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    follow(steps, onExchange = () => {}) {
      script = [...steps];
      listener = onExchange;
      exchanges.length = 0;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

// Zero seconds: a sender that may retry does so at once, and no test waits for it.
function scripted(status: number): Response {
  return new Response(null, { status, headers: { "retry-after": "0" } });
}
