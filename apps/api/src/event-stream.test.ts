import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterEach, expect, test, vi } from "vitest";
import { append, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";

let api: TestApi;
const piped = vi.spyOn(Readable.prototype, "pipe");
afterEach(() => api.close());

const events = (count: number) => Array.from({ length: count }, () => storedEvent());

/** The body of the last stream that was sent. */
const body = () => piped.mock.contexts.at(-1) as Readable;

test("a reader that never reads holds the log back, and leaves nothing behind when it goes", async () => {
  const store = openMemoryStore();
  let readUpTo = 0;
  api = await startTestApi({
    store: {
      ...store,
      readChunks: async (...asked: Parameters<typeof store.readChunks>) => {
        const chunks = await store.readChunks(...asked);
        readUpTo = chunks.at(-1)?.seq ?? readUpTo;
        return chunks;
      },
    },
  });
  const chunksMade = 400;
  for (let i = 0; i < chunksMade; i++) await append(store, events(100));
  const socket = connect(api.port, "127.0.0.1").pause();
  await once(socket, "connect");
  const headers = `host: x\r\nlast-event-id: 0.0\r\nauthorization: Bearer ${api.key.admin}\r\n`;
  socket.write(`GET /api/v1/live/events HTTP/1.1\r\n${headers}\r\n`);
  await vi.waitFor(() => expect(body()?.isPaused()).toBe(true), { timeout: 20_000, interval: 20 });
  // What is not read stays in the log, and none of it here: a socket that drains gets more in its turn.
  expect(readUpTo).toBeLessThan(chunksMade);
  expect(body().readableLength).toBe(0);
  socket.destroy();
  await vi.waitFor(() => expect([api.resources.streams.count, api.resources.watch.listeners]).toEqual([0, 0]), { timeout: 5_000 });
  await vi.waitFor(() => expect(body().destroyed).toBe(true));
  await vi.waitFor(() => expect(body().listenerCount("resume")).toBe(0));
});
