import type { PassThrough } from "node:stream";
import { tracked } from "@trpc/server";
import type { FastifyReply } from "fastify";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sendStream } from "./event-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);
const value = (id: number) => tracked(`${id}`, { n: id });
const textOf = (id: number) => `id: ${id}\ndata: {"n":${id}}\n\n`;

/** Values that come when the test sends them; it sees which were asked for, and whether the stream has let go of them. */
function values() {
  const asked: PromiseWithResolvers<IteratorResult<unknown>>[] = [];
  let isOver = false;
  const iterator: AsyncIterableIterator<unknown> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => {
      const next = Promise.withResolvers<IteratorResult<unknown>>();
      asked.push(next);
      return next.promise;
    },
    return: async () => {
      isOver = true;
      return { done: true, value: undefined };
    },
  };
  return {
    iterator,
    asked: () => asked.length,
    isOver: () => isOver,
    send: async (sent: unknown) => {
      asked.at(-1)?.resolve({ done: false, value: sent });
      await settle();
    },
    end: async () => {
      asked.at(-1)?.resolve({ done: true, value: undefined });
      await settle();
    },
    fail: async () => {
      asked.at(-1)?.reject(new Error("the store is gone"));
      await settle();
    },
  };
}

/** Sends a stream to a reader that reads only when it is asked to. */
function stream() {
  const sent = values();
  const bodies: PassThrough[] = [];
  const headers: Record<string, string> = {};
  const reply = {
    header: (name: string, text: string) => {
      headers[name] = text;
      return reply;
    },
    send: (body: PassThrough) => {
      bodies.push(body);
      return reply;
    },
  };
  sendStream(reply as unknown as FastifyReply, sent.iterator);
  const [body] = bodies as [PassThrough];
  const read = () => String(body.read() ?? "");
  const listeners = () => ["drain", "close"].map((name) => body.listenerCount(name));
  /** Sends values until the buffer is full. */
  const fill = async () => {
    for (let id = 1; !body.writableNeedDrain; id++) await sent.send(tracked(`${id}`, "x".repeat(10_000)));
  };
  return { ...sent, body, headers, read, listeners, fill };
}

test("a stream says when to come back, then each value with its id, and ends with its values", async () => {
  const { body, headers, read, send, end } = stream();
  expect([headers["content-type"], read()]).toEqual(["text/event-stream; charset=utf-8", "retry: 3000\n\n"]);
  await send(value(1));
  await send(value(2));
  expect([read(), body.writableEnded]).toEqual([textOf(1) + textOf(2), false]);
  await end();
  expect(body.writableEnded).toBe(true);
});

test("values that fail, and one that cannot be resumed from, end the stream plainly", async () => {
  const failing = stream();
  await failing.fail();
  expect([failing.body.writableEnded, failing.body.errored]).toEqual([true, null]);
  const untracked = stream();
  untracked.read();
  await untracked.send(["1", { n: 1 }]);
  expect([untracked.body.writableEnded, untracked.read(), untracked.isOver()]).toEqual([true, "", true]);
});

test("an idle stream is kept alive every 15 seconds, and no longer once it is closed", async () => {
  const { body, read } = stream();
  read();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(read()).toBe("");
  await vi.advanceTimersByTimeAsync(1);
  expect(read()).toBe(": ping\n\n");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(read()).toBe(": ping\n\n: ping\n\n");
  body.destroy();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader that is behind gets no pings on top, and the next value only once it has caught up", async () => {
  const { body, read, asked, fill, send, listeners } = stream();
  const before = listeners();
  await fill();
  const [bytes, askedBefore] = [body.readableLength + body.writableLength, asked()];
  await vi.advanceTimersByTimeAsync(60_000);
  expect([body.readableLength + body.writableLength, asked()]).toEqual([bytes, askedBefore]);
  while (read() !== "") await settle();
  expect([asked(), listeners()]).toEqual([askedBefore + 1, before]);
  await send(value(7));
  expect(read()).toBe(textOf(7));
});

test("however often the buffer fills, its listeners stay as many", async () => {
  const { read, fill, listeners } = stream();
  const before = listeners();
  const most = before.map((count) => count + 1);
  for (let times = 0; times < 30; times++) {
    await fill();
    expect(listeners()).toEqual(most);
    while (read() !== "") await settle();
    expect(listeners()).toEqual(before);
  }
});

test("text that all streams share is sent as it is", async () => {
  const bytes = Buffer.from(textOf(1) + textOf(2));
  const bodies: PassThrough[] = [];
  const reply = { header: () => reply, send: (body: PassThrough) => void bodies.push(body) };
  async function* texts() {
    yield bytes;
  }
  sendStream(reply as unknown as FastifyReply, { texts }, { head: "head ", ping: "" });
  await settle();
  expect(String(bodies[0]?.read())).toBe(`head ${bytes}`);
});

test.each([
  ["waits for its reader", true],
  ["waits for a value", false],
])("a stream that %s when the reader leaves lets go of the values, and keeps no listener", async (_, isFull) => {
  const { body, fill, send, isOver, listeners } = stream();
  if (isFull) await fill();
  expect(() => body.emit("error", new Error("the reader left"))).not.toThrow();
  body.destroy();
  await settle();
  await send(value(1));
  expect([isOver(), listeners()]).toEqual([true, [0, 0]]);
});
