import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiKeyRecord, createApiKey } from "@trinity/auth/api-key";
import { createAuthenticator } from "@trinity/auth/authenticator";
import type { Role } from "@trinity/auth/role";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { closeWithin, listen } from "@trinity/http/listening";
import type { EventStore, Rejection } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryKeyStore } from "@trinity/storage-memory/memory-key-store";
import { type ApiAppSettings, createApiApp } from "./api-app.ts";
import { watchEveryMs } from "./store-watch.ts";

/** The present of tests: a Sunday evening. */
export const testNowMs = Date.UTC(2026, 10, 22, 20, 15);

type Some<T> = { readonly [Name in keyof T]?: T[Name] };
let made = 0;

/** @returns an event of the log, a vote unless told otherwise */
export function storedEvent(
  event: Some<Omit<StoredEvent, "userId" | "roomId">> & { readonly userId?: string; readonly roomId?: string } = {},
): StoredEvent {
  made += 1;
  return {
    eventId: `event-${made}`,
    eventType: "vote_content",
    timestampMs: testNowMs - 60_000,
    receivedAtMs: testNowMs - 30_000,
    sessionId: null,
    properties: { contentId: "movie:862", vote: "like", genres: ["comedy"], mediaType: "movie" },
    context: { platform: "android" },
    source: { system: "app" },
    ...event,
    userId: (event.userId ?? "u_one") as Pseudonym,
    roomId: (event.roomId ?? "r_one") as Pseudonym,
  };
}

export async function append(store: EventStore, events: readonly StoredEvent[], rejections: readonly Rejection[] = []): Promise<void> {
  const keyed = events.map((event) => ({ key: createHash("md5").update(event.eventId).digest(), event }));
  await store.append({ receivedAtMs: testNowMs - 30_000, events: keyed, rejections });
}

export async function appendAndFold(
  store: EventStore,
  events: readonly StoredEvent[],
  rejections: readonly Rejection[] = [],
): Promise<void> {
  await append(store, events, rejections);
  await foldAll(store, () => testNowMs);
}

/** A whole API on a free port, on a store in memory, with one key for each role. */
export async function startTestApi(settings: Partial<ApiAppSettings> = {}) {
  const store = settings.store ?? openMemoryStore();
  const keys = settings.keys ?? openMemoryKeyStore();
  const clock = settings.clock ?? { nowMs: () => testNowMs };
  const lines: string[] = [];
  const fixed: ApiKeyRecord[] = [];
  const newKey = (role: Role) => {
    const { presented, record } = createApiKey({ role, name: role, createdAtMs: 0, expiresAtMs: null }, randomBytes);
    fixed.push(record);
    return presented;
  };
  const key = { admin: newKey("admin"), service: newKey("service") };
  const { http, resources } = createApiApp({
    readLogCheck: async () => null,
    store,
    keys,
    clock,
    authenticator: createAuthenticator({ fixed, list: () => keys.list(), clock, cachedForMs: 0, takesSessions: true }),
    sleep: (ms, signal) => sleep(Math.min(ms, 5), undefined, { signal }),
    randomBytes,
    checks: {},
    watchEveryMs: watchEveryMs.shared,
    http: { logStream: { write: (line) => void lines.push(line) } },
    processMetrics: async () => "",
    ...settings,
  });
  const { url, port } = await listen(http, { host: "127.0.0.1", port: 0 });

  async function get(path: string, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${key.admin}` }) {
    return answerOf(await fetch(url + path, { headers }));
  }

  async function send(method: string, path: string, body: string | undefined, headers: Readonly<Record<string, string>> = {}) {
    const all = { authorization: `Bearer ${key.admin}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers };
    return answerOf(await fetch(url + path, { method, headers: all, ...(body === undefined ? {} : { body }) }));
  }

  return {
    http,
    resources,
    store,
    keys,
    url,
    port,
    key,
    lines,
    get,
    send,
    // A connection on which nothing was ever asked would keep the server waiting.
    close: () => closeWithin(http, 500),
  };
}
export type TestApi = Awaited<ReturnType<typeof startTestApi>>;

/** What a test looks at. `json` is null for a body that is none. */
export type Answered = { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: Json };
export type Json = ReturnType<typeof JSON.parse>;

async function answerOf(response: Response): Promise<Answered> {
  const text = await response.text();
  let json: Json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // no JSON
  }
  return { status: response.status, headers: response.headers, text, json };
}

export type StreamedEvent = { readonly id: string; readonly data: Json };

/** Reads a stream of server-sent events until `enough` of them have come, or to its end. */
export async function readStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  enough: number,
): Promise<readonly StreamedEvent[]> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const events: StreamedEvent[] = [];
  let rest = "";
  try {
    for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== null) events.push(event);
        if (events.length === enough) return events;
      }
    }
    return events;
  } finally {
    leaving.abort();
  }
}

function eventOf(block: string): StreamedEvent | null {
  const lines = block.split("\n");
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const [id, data] = [field("id"), field("data")];
  return id === undefined || data === undefined ? null : { id, data: JSON.parse(data) };
}
