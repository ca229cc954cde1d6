import { once } from "node:events";
import { connect } from "node:net";
import { getDefaultHighWaterMark, type PassThrough, Readable, setDefaultHighWaterMark } from "node:stream";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { append, appendAndFold, readStream, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";

let api: TestApi;
const pipe = Readable.prototype.pipe;
const piped = vi.spyOn(Readable.prototype, "pipe");
const highWaterMark = getDefaultHighWaterMark(false);

beforeEach(() => {
  piped.mockReset();
  process.on("warning", warned);
  warned.mockClear();
});
afterEach(async () => {
  setDefaultHighWaterMark(false, highWaterMark);
  process.off("warning", warned);
  await api.close();
});

const warned = vi.fn<(warning: Error) => void>();
const withKey = () => ({ authorization: `Bearer ${api.key.admin}` });
const events = (count: number) => Array.from({ length: count }, () => storedEvent());

/** The body of the last stream that was sent. */
const body = () => piped.mock.contexts.at(-1) as PassThrough;
const listeners = () => Object.fromEntries(["drain", "close", "error", "end"].map((name) => [name, body().listenerCount(name)]));

/** Connections that are always one event behind: they take the next one when the buffer before them is full. */
function slowConnections(): void {
  setDefaultHighWaterMark(false, 16);
  piped.mockImplementation(function (this: Readable, response) {
    const write = response.write as (chunk: string) => boolean;
    const drainWhenFull = () => {
      if ((this as PassThrough).writableNeedDrain) response.emit("drain");
      else if (!this.destroyed) setImmediate(drainWhenFull);
    };
    response.write = (chunk: string) => {
      write.call(response, chunk);
      setImmediate(drainWhenFull);
      return false;
    };
    return pipe.call(this, response) as typeof response;
  });
}

/** Counts writes that filled the buffer, and the most listeners there were at one. */
function watchFills() {
  const seen = { fills: 0, most: 0 };
  const watching = body();
  const write = watching.write.bind(watching) as (text: string) => boolean;
  watching.write = (text: string) => {
    const isTaken = write(text);
    if (!isTaken) seen.fills += 1;
    seen.most = Math.max(seen.most, ...Object.values(listeners()));
    return isTaken;
  };
  return seen;
}

test("however often the buffer of live/events fills, its listeners stay as many", async () => {
  api = await startTestApi();
  slowConnections();
  const reading = readStream(`${api.url}/api/v1/live/events`, withKey(), 300);
  await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(1));
  const before = listeners();
  const seen = watchFills();
  for (let i = 0; i < 31; i++) await append(api.store, events(10));
  expect(await reading).toHaveLength(300);
  expect(seen.fills).toBeGreaterThanOrEqual(299);
  expect(seen.most).toBeLessThanOrEqual(Math.max(...Object.values(before)) + 1);
  expect(warned).not.toHaveBeenCalled();
});

test("however often the buffer of live/metrics fills, its listeners stay as many", async () => {
  api = await startTestApi();
  await appendAndFold(api.store, events(1));
  slowConnections();
  const reading = readStream(`${api.url}/api/v1/live/metrics`, withKey(), 20);
  await vi.waitFor(() => expect(piped).toHaveBeenCalled());
  const before = listeners();
  const seen = watchFills();
  let isRead = false;
  void reading.then(() => (isRead = true));
  while (!isRead) {
    await appendAndFold(api.store, events(1));
    await new Promise(setImmediate);
  }
  expect(await reading).toHaveLength(20);
  expect(seen.fills).toBeGreaterThanOrEqual(15);
  expect(seen.most).toBeLessThanOrEqual(Math.max(...Object.values(before)) + 1);
  expect(warned).not.toHaveBeenCalled();
});

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
  await vi.waitFor(() => expect(body()?.listenerCount("drain")).toBeGreaterThan(0), { timeout: 20_000, interval: 20 });
  await vi.waitFor(() => expect(body().writableNeedDrain).toBe(true));
  // It waits in the middle of a drain: what is not read stays in the log.
  expect(readUpTo).toBeLessThan(chunksMade);
  expect(body().readableLength).toBeLessThan(1_000_000);
  socket.destroy();
  await vi.waitFor(() => expect([api.resources.streams.count, api.resources.watch.listeners]).toEqual([0, 0]), { timeout: 5_000 });
  await vi.waitFor(() => expect(body().destroyed).toBe(true));
  expect(body().listenerCount("drain")).toBe(0);
});
