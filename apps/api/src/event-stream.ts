import { PassThrough } from "node:stream";
import { isTrackedEnvelope } from "@trpc/server";
import type { FastifyReply } from "fastify";

/** Often enough that no proxy takes the connection for dead. */
export const pingEveryMs = 15_000;
const reconnectAfterMs = 3_000;
/** What waits for a reader beyond one block, and beyond what the socket takes. */
const bufferBytes = 16 * 1024;

/** What a client of one surface expects beside events. */
export type StreamForm = { readonly head: string; readonly ping: string };

const restForm: StreamForm = { head: `retry: ${reconnectAfterMs}\n\n`, ping: ": ping\n\n" };

/** Values that are text already, which is the same for all streams. */
type Texts = { texts(): AsyncIterable<Uint8Array> };

/**
 * Sends the tracked values of a subscription as server-sent events, as fast as the reader takes them. For a reader that does not read nothing is
 * read either.
 */
export function sendStream(reply: FastifyReply, values: AsyncIterable<unknown> | Texts, form = restForm): FastifyReply {
  const body = new PassThrough({ highWaterMark: bufferBytes });
  const ping = setInterval(() => {
    if (!body.writableNeedDrain) body.write(form.ping);
  }, pingEveryMs);
  body.once("close", () => clearInterval(ping));
  body.on("error", () => {}); // the reader left: the signal of the request ends the values
  body.write(form.head);
  void pump("texts" in values ? values.texts() : textsOf(values), body);
  return reply
    .header("content-type", "text/event-stream; charset=utf-8")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(body);
}

/** Any end but that of the reader is a plain end of the stream: an event source connects again and names the last id it has. */
async function pump(texts: AsyncIterable<string | Uint8Array>, body: PassThrough): Promise<void> {
  try {
    for await (const text of texts) {
      if (body.destroyed) return;
      if (!body.write(text)) await eventOrClose(body, "drain");
      // The socket is full. What it takes next must wait for its turn, not stand here to be sent as soon as it drains, with those of all others.
      if (body.isPaused()) await eventOrClose(body, "resume");
    }
  } catch {
    // Ended, or the store is gone for now.
  } finally {
    body.end();
  }
}

/** Takes both listeners off again: a reader that is behind for hours fills the buffer any number of times. */
function eventOrClose(body: PassThrough, event: "drain" | "resume"): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      body.off(event, done).off("close", done);
      resolve();
    };
    body.on(event, done).on("close", done);
  });
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
