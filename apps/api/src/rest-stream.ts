import { PassThrough } from "node:stream";
import { isTrackedEnvelope } from "@trpc/server";
import type { FastifyReply } from "fastify";

/** Often enough that no proxy takes the connection for dead. */
const pingEveryMs = 15_000;
const reconnectAfterMs = 3_000;

/** Sends the tracked values of a subscription as server-sent events, as fast as the reader takes them. */
export function sendStream(reply: FastifyReply, values: AsyncIterable<unknown>): FastifyReply {
  const body = new PassThrough();
  const ping = setInterval(() => {
    if (!body.writableNeedDrain) body.write(": ping\n\n");
  }, pingEveryMs);
  body.once("close", () => clearInterval(ping));
  body.on("error", () => {}); // the reader left: the signal of the request ends the values
  body.write(`retry: ${reconnectAfterMs}\n\n`);
  void pump(values, body);
  return reply
    .header("content-type", "text/event-stream; charset=utf-8")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(body);
}

/** Any end but that of the reader is a plain end of the stream: an event source connects again and names the last id it has. */
async function pump(values: AsyncIterable<unknown>, body: PassThrough): Promise<void> {
  try {
    for await (const value of values) {
      if (body.destroyed) return;
      if (!body.write(eventText(value))) await drainedOrClosed(body);
    }
  } catch {
    // Ended, or the store is gone for now.
  } finally {
    body.end();
  }
}

/** Takes both listeners off again: a reader that is behind for hours fills the buffer any number of times. */
function drainedOrClosed(body: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      body.off("drain", done).off("close", done);
      resolve();
    };
    body.on("drain", done).on("close", done);
  });
}

function eventText(value: unknown): string {
  if (!isTrackedEnvelope(value)) throw new TypeError("a live procedure sends tracked values only");
  const [id, data] = value;
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
