import { type Readable, Writable } from "node:stream";
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

/** A reader whose socket takes the next text only once what it has was read. */
function slowReader(body: Readable) {
  const texts: string[] = [];
  let taken = () => {};
  const write = (text: Buffer, _: unknown, done: () => void) => {
    texts.push(String(text));
    taken = done;
  };
  const socket = new Writable({ highWaterMark: 1, write });
  body.pipe(socket);
  return {
    read: async () => {
      await settle();
      const text = texts.splice(0).join("");
      const wasTaken = taken;
      taken = () => {};
      wasTaken();
      await settle();
      return text;
    },
    isEnded: () => socket.writableFinished,
  };
}

/** Sends a stream to a reader that reads only when it is asked to. */
function stream() {
  const sent = values();
  const bodies: Readable[] = [];
  const headers: Record<string, string> = {};
  const reply = {
    header: (name: string, text: string) => {
      headers[name] = text;
      return reply;
    },
    send: (body: Readable) => {
      bodies.push(body);
      return reply;
    },
  };
  sendStream(reply as unknown as FastifyReply, sent.iterator);
  const [body] = bodies as [Readable];
  return { ...sent, ...slowReader(body), body, headers };
}

test("a stream says when to come back, then each value with its id, and ends with its values", async () => {
  const { headers, read, send, end, isEnded } = stream();
  expect([headers["content-type"], await read()]).toEqual(["text/event-stream; charset=utf-8", "retry: 3000\n\n"]);
  for (const id of [1, 2]) {
    await send(value(id));
    expect(await read()).toBe(textOf(id));
  }
  expect(isEnded()).toBe(false);
  await end();
  expect([await read(), isEnded()]).toEqual(["", true]);
});

test("values that fail, and one that cannot be resumed from, end the stream plainly", async () => {
  const failing = stream();
  await failing.read();
  await failing.fail();
  expect([await failing.read(), failing.isEnded(), failing.body.errored]).toEqual(["", true, null]);
  const untracked = stream();
  await untracked.read();
  await untracked.send(["1", { n: 1 }]);
  expect([await untracked.read(), untracked.isEnded(), untracked.isOver()]).toEqual(["", true, true]);
});

test("an idle stream is kept alive every 15 seconds, and no longer once it is closed", async () => {
  const { body, read } = stream();
  await read();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(await read()).toBe("");
  await vi.advanceTimersByTimeAsync(1);
  expect(await read()).toBe(": ping\n\n");
  body.destroy();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});

test("no ping follows the end, though the reader is behind", async () => {
  const { read, fail, isEnded } = stream();
  await read();
  await vi.advanceTimersByTimeAsync(15_000);
  await fail();
  await vi.advanceTimersByTimeAsync(60_000);
  while ((await read()) !== "");
  expect(isEnded()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("for a reader that is behind nothing waits here but one ping, and it gets the next value only once it has caught up", async () => {
  const { body, read, asked, send } = stream();
  await read();
  for (let id = 1; id < 4; id++) {
    await send(value(id));
    const askedBefore = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([body.readableLength, asked()]).toEqual([": ping\n\n".length, askedBefore]);
    expect([await read(), await read()]).toEqual([textOf(id), ": ping\n\n"]);
    expect(asked()).toBe(askedBefore + 1);
  }
});

test("text that all streams share is sent as it is", async () => {
  const bytes = Buffer.from(textOf(1) + textOf(2));
  const bodies: Readable[] = [];
  const reply = { header: () => reply, send: (body: Readable) => void bodies.push(body) };
  async function* blocks() {
    yield { bytes };
  }
  sendStream(reply as unknown as FastifyReply, { blocks }, { head: "head ", ping: "" });
  const { read } = slowReader(bodies[0] as Readable);
  expect([await read(), await read()]).toEqual(["head ", String(bytes)]);
});

test.each([
  ["waits for its reader", true],
  ["waits for a value", false],
])("a stream that %s when the reader leaves lets go of the values", async (_, isBehind) => {
  const { body, read, send, isOver } = stream();
  await read();
  if (isBehind) await send(value(1));
  expect(() => body.emit("error", new Error("the reader left"))).not.toThrow();
  body.destroy();
  await settle();
  await send(value(2));
  expect(isOver()).toBe(true);
});
