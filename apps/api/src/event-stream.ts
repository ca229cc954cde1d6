import { Readable } from "node:stream";
import { isTrackedEnvelope } from "@trpc/server";
import type { FastifyReply } from "fastify";

/** Often enough that no proxy takes the connection for dead. */
export const pingEveryMs = 15_000;
const reconnectAfterMs = 3_000;

/** What a client of one surface expects beside events. */
export type StreamForm = { readonly head: string; readonly ping: string };

const restForm: StreamForm = { head: `retry: ${reconnectAfterMs}\n\n`, ping: ": ping\n\n" };

/** Values that are text already, which is the same for all streams. */
type Blocks = { blocks(): AsyncIterable<{ readonly bytes: Uint8Array }> };

/**
 * Sends the tracked values of a subscription as server-sent events, as fast as the reader takes them. For a reader that does not read nothing is
 * read either.
 */
export function sendStream(reply: FastifyReply, values: AsyncIterable<unknown> | Blocks, form = restForm): FastifyReply {
  const body = new StreamBody(form);
  body.on("error", () => {}); // the reader left: the signal of the request ends the values
  void pump("blocks" in values ? values.blocks() : textsOf(values), body);
  return reply
    .header("content-type", "text/event-stream; charset=utf-8")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(body);
}

/** Holds nothing back: what the socket does not take at once stays with its source. */
class StreamBody extends Readable {
  readonly #pings: NodeJS.Timeout;
  #goOn = () => {};

  constructor({ head, ping }: StreamForm) {
    // Only a reader that is not paused asks for more.
    super({ highWaterMark: 0 });
    this.push(head);
    this.#pings = setInterval(() => {
      if (this.readableLength === 0) this.push(ping);
    }, pingEveryMs);
  }

  /** Resolves when the reader asks for more, or has left. */
  taken(): Promise<void> {
    return new Promise((resolve) => {
      if (this.destroyed) resolve();
      this.#goOn = resolve;
    });
  }

  override _read(): void {
    this.#goOn();
  }

  /** Nothing follows. */
  end(): void {
    clearInterval(this.#pings);
    this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#pings);
    this.#goOn();
    callback(error);
  }
}

/** Any end but that of the reader is a plain end of the stream: an event source connects again and names the last id it has. */
async function pump(texts: AsyncIterable<string | { readonly bytes: Uint8Array }>, body: StreamBody): Promise<void> {
  try {
    for await (const text of texts) {
      // What a full socket takes next must wait for its turn, not stand here to be sent as soon as it drains, with that of all others.
      if (!body.push(typeof text === "string" ? text : text.bytes) || body.isPaused()) await body.taken();
      if (body.destroyed) return;
    }
  } catch {
    // Ended, or the store is gone for now.
  } finally {
    body.end();
  }
}

/** @returns a server-sent event */
export function eventText(id: string, data: unknown): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function* textsOf(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) {
    if (!isTrackedEnvelope(value)) throw new TypeError("a live procedure sends tracked values only");
    const [id, data] = value;
    yield eventText(id, data);
  }
}
