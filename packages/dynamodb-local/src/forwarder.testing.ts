import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { Answer } from "./answer.testing.ts";

export type ForwardedRequest = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** Sends requests on, over connections that it keeps. */
export class Forwarder {
  readonly #target: string;
  // An idle connection is left before the other side leaves it: a request on one that is just being closed would be lost.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: 10_000 });

  /** @param target such as `http://127.0.0.1:8000` */
  constructor(target: string) {
    this.#target = target;
  }

  /** @returns the answer as it came @throws when the connection breaks before it has come */
  forward({ path, headers, body }: ForwardedRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#target), {
        method: "POST",
        agent: this.#agent,
        headers: { ...withoutFraming(headers), "content-length": body.length },
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        bodyOf(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 502, headers: withoutFraming(response.headers), body: bytes }),
          reject,
        );
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(message as AsyncIterable<Buffer>));
}

const framing = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

/** Headers without those that are about one connection, and about how a body went over it. */
function withoutFraming(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !framing.has(name)));
}
