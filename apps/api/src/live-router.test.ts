import { randomBytes } from "node:crypto";
import { createApiKey } from "@trinity/auth/api-key";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { afterEach, expect, test, vi } from "vitest";
import { append, appendAndFold, readStream, startTestApi, storedEvent, type TestApi } from "./api-app.testing.ts";
import { liveMetricsAnswer } from "./live-metrics.ts";
import type { AppRouter } from "./router.ts";
import { shownEvent } from "./shown-event.ts";

let api: TestApi;
afterEach(() => api.close());

const withKey = (more: Readonly<Record<string, string>> = {}) => ({ authorization: `Bearer ${api.key.admin}`, ...more });
const liveEvents = (enough: number, headers = {}, query = "") =>
  readStream(`${api.url}/api/v1/live/events${query}`, withKey(headers), enough);
const named = (...names: readonly string[]) => names.map((eventId) => storedEvent({ eventId }));
const streamsOpen = (count: number) => vi.waitFor(() => expect(api.resources.streams.count).toBe(count));

test("events arrive as they are appended, with their place in the log as id", async () => {
  api = await startTestApi();
  await append(api.store, named("before"));
  const reading = liveEvents(3);
  await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(1));
  await append(api.store, named("a", "b"));
  await append(api.store, named("c"));
  const events = await reading;
  expect(events.map(({ id, data }) => [id, data.eventId])).toEqual([
    ["2.0", "a"],
    ["2.1", "b"],
    ["3.0", "c"],
  ]);
  for (const { data } of events) shownEvent.parse(data);
});

test("a reader that comes back with its last id gets every later event once, from within a chunk too", async () => {
  api = await startTestApi();
  const names = Array.from({ length: 40 }, (_, i) => `event-of-stream-${i}`);
  for (let i = 0; i < names.length; i += 4) await append(api.store, named(...names.slice(i, i + 4)));
  const seen: string[] = [];
  for (let lastId = "0.0"; seen.length < names.length; ) {
    const events = await liveEvents(Math.min(3, names.length - seen.length), { "last-event-id": lastId });
    seen.push(...events.map(({ data }) => data.eventId));
    lastId = events.at(-1)?.id ?? lastId;
  }
  expect(seen).toEqual(names);
});

test("a filter leaves events out, and resuming still misses none", async () => {
  api = await startTestApi();
  await append(api.store, [...named("a"), storedEvent({ eventId: "ios", context: { platform: "ios" } }), ...named("b")]);
  const query = "?filter=platform:android";
  expect((await liveEvents(2, { "last-event-id": "0.0" }, query)).map(({ id }) => id)).toEqual(["1.0", "1.2"]);
  expect((await liveEvents(1, { "last-event-id": "1.0" }, query)).map(({ id }) => id)).toEqual(["1.2"]);
});

test.each(["9.0", "x", "1", "-1.0", "1.0\u00a0"])("the last id %j is no place in this log: 400", async (id) => {
  api = await startTestApi();
  const { status, json } = await api.get("/api/v1/live/events", withKey({ "last-event-id": id }));
  expect([status, json.errors[0].path]).toEqual([400, "lastEventId"]);
});

test("numbers come at once and whenever they change, with the revision as id", async () => {
  api = await startTestApi();
  await appendAndFold(api.store, named("one"));
  const reading = readStream(`${api.url}/api/v1/live/metrics`, withKey(), 2);
  await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(1));
  const [first] = await readStream(`${api.url}/api/v1/live/metrics`, withKey(), 1);
  expect(first?.id).toBe("1");
  expect(liveMetricsAnswer.parse(first?.data)).toMatchObject({
    revision: 1,
    today: { events: 1, active_users: 1, votes: 1, positive_rate: 1, matches: 0, requests: 0, request_duration_p95: null },
    last60Minutes: { events: 1, votes: 1 },
  });
  await appendAndFold(api.store, named("two"));
  const [before, after] = await reading;
  expect([before?.data.today.votes, after?.data.today.votes]).toEqual([1, 2]);
  expect(after?.id).toBe("2");
});

test("a reader that has the present revision hears nothing until it changes", async () => {
  api = await startTestApi();
  await appendAndFold(api.store, named("one"));
  const reading = readStream(`${api.url}/api/v1/live/metrics`, withKey({ "last-event-id": "1" }), 1);
  await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(1));
  await appendAndFold(api.store, named("two"));
  expect((await reading).map(({ id }) => id)).toEqual(["2"]);
});

test.each(["/api/v1/live/events", "/trpc/live.events"])("a HEAD of %s opens no stream", async (path) => {
  api = await startTestApi();
  const { status } = await fetch(`${api.url}${path}`, { method: "HEAD", headers: withKey() });
  expect([status, api.resources.streams.count]).toEqual([405, 0]);
});

test("the typed client subscribes over tRPC and gets ids to resume from", async () => {
  api = await startTestApi();
  await append(api.store, named("a", "b", "c"));
  const client = createTRPCClient<AppRouter>({
    links: [httpSubscriptionLink({ url: `${api.url}/trpc`, EventSource: eventSourceWith(withKey()) })],
  });
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const got: string[] = [];
  const subscription = client.live.events.subscribe(
    { lastEventId: "1.0" },
    {
      onData: ({ id, data }) => {
        got.push(`${id} ${data.eventId}`);
        if (got.length === 2) resolve(got);
      },
      onError: reject,
    },
  );
  expect(await promise).toEqual(["1.1 b", "1.2 c"]);
  subscription.unsubscribe();
  await streamsOpen(0);
});

test("over tRPC a stream begins as its client expects, and one that cannot be opened is refused in tRPC's form", async () => {
  api = await startTestApi();
  await append(api.store, named("a"));
  const opened = await fetch(`${api.url}/trpc/live.events?input=${encodeURIComponent('{"lastEventId":"0.0"}')}`, { headers: withKey() });
  const reader = (opened.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("1.0")) text += (await reader.read()).value;
  expect(text).toMatch(/^event: connected\ndata: {"reconnectAfterInactivityMs":45000}\n\nid: 1\.0\ndata: {"eventId":"a"/);
  await reader.cancel();
  const refused = await api.get(`/trpc/live.events?input=${encodeURIComponent('{"lastEventId":"9.0"}')}`);
  expect(refused.text).toContain("event: serialized-error");
  expect(refused.text).toContain("lies beyond the end of the log");
  await streamsOpen(0);
});

test.each(["/api/v1/live/events", "/api/v1/live/metrics", "/trpc/live.events", "/trpc/live.metrics"])(
  "200 readers of %s come and go, and leave no listener, stream or timer behind",
  async (path) => {
    // No sleep ends by itself: one that remains was not aborted.
    const pauses = new Set<AbortSignal>();
    const sleep = (_ms: number, signal = AbortSignal.any([])) =>
      new Promise<void>((_resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        pauses.add(signal);
        signal.addEventListener("abort", () => {
          pauses.delete(signal);
          reject(signal.reason);
        });
      });
    api = await startTestApi({ sleep });
    await appendAndFold(api.store, named("one"));
    const timersBefore = timers();
    for (let round = 0; round < 10; round++) {
      const leaving = new AbortController();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => fetch(api.url + path, { headers: withKey(), signal: leaving.signal })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      await streamsOpen(20);
      leaving.abort();
      await streamsOpen(0);
    }
    await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(0));
    await vi.waitFor(() => expect(pauses.size).toBe(0));
    await vi.waitFor(() => expect(timers()).toBeLessThanOrEqual(timersBefore));
  },
);

test("there are only so many streams: the next is told to come later, and taken when one has left", async () => {
  api = await startTestApi({ streamsMax: 2 });
  const leaving = new AbortController();
  const open = () => fetch(`${api.url}/api/v1/live/events`, { headers: withKey(), signal: leaving.signal });
  await Promise.all([open(), open()]);
  const rest = await api.get("/api/v1/live/events");
  expect([rest.status, rest.json.type, rest.headers.get("retry-after")]).toEqual([429, "/problems/too-many-requests", "5"]);
  const rpc = await api.get("/trpc/live.events");
  expect([rpc.status, rpc.json.error.data.code, rpc.headers.get("retry-after")]).toEqual([429, "TOO_MANY_REQUESTS", "5"]);
  leaving.abort();
  await streamsOpen(0);
  await append(api.store, named("a"));
  expect(await liveEvents(1, { "last-event-id": "0.0" })).toHaveLength(1);
});

test("a stream ends when its key is revoked", async () => {
  api = await startTestApi();
  const { presented, record } = createApiKey({ role: "admin", name: "leaked", createdAtMs: 0, expiresAtMs: null }, randomBytes);
  await api.keys.put(record);
  const reading = readStream(`${api.url}/api/v1/live/events`, { authorization: `Bearer ${presented}` }, 1);
  await streamsOpen(1);
  await api.keys.remove("leaked");
  expect(await reading).toEqual([]);
  await streamsOpen(0);
});

test.each(["/api/v1/live/events", "/trpc/live.events"])(
  "closing the server ends %s without telling its reader to stay away",
  async (path) => {
    api = await startTestApi();
    const response = await fetch(api.url + path, { headers: withKey() });
    await streamsOpen(1);
    await api.close();
    const text = await response.text();
    expect(text).not.toContain("event: return");
    expect(text).not.toContain("serialized-error");
  },
);

test("a store that fails for a moment costs a live reader nothing", async () => {
  const store = openMemoryStore();
  let failing = false;
  const guarded = {
    ...store,
    readRollups: (ranges: Parameters<typeof store.readRollups>[0]) =>
      failing ? Promise.reject(new Error("away")) : store.readRollups(ranges),
  };
  api = await startTestApi({ store: guarded });
  const reading = liveEvents(1);
  await vi.waitFor(() => expect(api.resources.watch.listeners).toBe(1));
  failing = true;
  await append(store, named("during"));
  failing = false;
  expect((await reading).map(({ data }) => data.eventId)).toEqual(["during"]);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

/** As much of an EventSource as tRPC's client needs, with headers: Node has none. */
function eventSourceWith(headers: Readonly<Record<string, string>>) {
  return class extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSED = 2;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    readonly url: string;
    readonly withCredentials = false;
    readyState = 0;
    readonly #leaving = new AbortController();

    constructor(url: string | URL) {
      super();
      this.url = String(url);
      this.#read().catch(() => {
        this.readyState = this.CLOSED;
        this.dispatchEvent(new Event("error"));
      });
    }

    async #read(): Promise<void> {
      const response = await fetch(this.url, { headers, signal: this.#leaving.signal });
      this.readyState = this.OPEN;
      let rest = "";
      for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + text).split(/\n\n+/);
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const field = (name: string) =>
            block
              .split("\n")
              .find((line) => line.startsWith(`${name}: `))
              ?.slice(name.length + 2);
          const data = field("data") ?? "";
          this.dispatchEvent(new MessageEvent(field("event") ?? "message", { data, lastEventId: field("id") ?? "" }));
        }
      }
    }

    close(): void {
      this.readyState = this.CLOSED;
      this.#leaving.abort();
    }
  };
}
