import { createHash } from "node:crypto";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { positionsOf } from "@trinity/events/event-order";
import { parseEvent } from "@trinity/events/parse-event";
import { ask } from "@trinity/query/asking";
import { usualDefects } from "@trinity/simulator/defects";
import type { SimulatedMessage } from "@trinity/simulator/message";
import { simulate } from "@trinity/simulator/simulate";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FunnelAsked, funnelSql, linksSql, type PathsAsked } from "./behaviour-sql.ts";
import { type EventsInDuckDb, openEventsInDuckDb } from "./events-in-duckdb.ts";

const hourMs = 3_600_000;
const coarseMs = 20_000;
const dayMs = 24 * hourMs;
const fromMs = Date.UTC(2026, 9, 23);
const toMs = fromMs + 3 * dayMs;
/** An ordinary afternoon: sessions and attempts cross both boundaries. */
const within = { fromMs: fromMs + 14 * hourMs, toMs: fromMs + 45 * hourMs, iosOnly: false };

const lifecycle = ["user_login", "join_room", "vote_content", "view_match"];
const funnels: readonly FunnelAsked[] = [
  { steps: lifecycle, windowMs: 7 * dayMs, order: "ordered", hold: null, ...within },
  { steps: ["screen_view", "join_room", "title_shown", "view_match"], windowMs: 10 * 60_000, order: "ordered", hold: null, ...within },
  { steps: ["join_room", "vote_content", "vote_content", "view_match"], windowMs: hourMs, order: "ordered", hold: "room", ...within },
  { steps: ["title_shown", "vote_content"], windowMs: 5_000, order: "ordered", hold: "title", ...within },
  { steps: ["screen_view", "title_shown", "vote_content"], windowMs: dayMs, order: "ordered", hold: null, ...within, iosOnly: true },
];

const asked = { by: "eventType", start: null, end: null, depth: 5, nodesMax: 30, ...within } as const satisfies PathsAsked;
const paths: readonly PathsAsked[] = [
  asked,
  { ...asked, depth: 10, nodesMax: 3 },
  { ...asked, by: "screen", nodesMax: 2 },
  { ...asked, start: "join_room", iosOnly: true },
  { ...asked, end: "vote_content" },
  { ...asked, start: "title_shown", end: "view_match", depth: 8 },
];

describe.each([1, 2, 3])("the people of the simulated world %i", (seed) => {
  let store: EventStore;
  let data: EventsInDuckDb;
  beforeAll(async () => {
    store = openMemoryStore();
    const simulated = inRequests([...simulate({ seed, fromMs, toMs, scale: 1, defects: usualDefects })].flatMap(storedEventOf));
    for (let at = 0; at < simulated.length; at += 500) {
      const events = simulated.slice(at, at + 500).map((event) => ({ key: createHash("md5").update(event.eventId).digest(), event }));
      await store.append({ receivedAtMs: toMs, events, rejections: [] });
    }
    await foldAll(store, () => toMs);
    data = await openEventsInDuckDb(await eventsOf(store));
  }, 120_000);
  afterAll(() => data?.close());

  test.each(funnels)("the funnel $steps within $windowMs ms, hold $hold, equals the result of SQL", async ({ iosOnly, ...funnel }) => {
    const asOfMs = fromMs + 46 * hourMs;
    const { steps } = (await ask(store, { kind: "funnel", ...funnel, filters: filtersOf(iosOnly) }, asOfMs)).data;
    const [row] = await data.rows(funnelSql({ iosOnly, ...funnel }, asOfMs));
    expect(steps.map(({ users, medianMs }) => [users, medianMs])).toEqual(
      steps.map((_, i) => [row?.[`users${i + 1}`], row?.[`median${i + 1}`]]),
    );
    expect(steps.at(1)?.users).toBeGreaterThan(0);
  });

  test.each(paths)(
    "the paths by $by from $start to $end, $depth deep with $nodesMax names, equal the result of SQL",
    async ({ iosOnly, ...question }) => {
      const asOfMs = fromMs + 46 * hourMs;
      const { links } = (await ask(store, { kind: "paths", ...question, filters: filtersOf(iosOnly) }, asOfMs)).data;
      const rows = await data.rows(linksSql({ iosOnly, ...question }, asOfMs));
      const textOf = ({ source, target, sessions }: Readonly<Record<string, unknown>>) => `${source} > ${target} x ${sessions}`;
      expect(links.map(textOf).sort()).toEqual(rows.map(textOf).sort());
      expect(links.length).toBeGreaterThan(3);
    },
  );
});

function filtersOf(iosOnly: boolean) {
  return iosOnly ? [{ dimension: "platform" as const, values: ["ios"], negated: false }] : [];
}

/** Times are rounded to twenty seconds, so that many events share an instant. Half of them have a position in a request of 40. */
function inRequests(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const rounded = events.map((event) => ({ ...event, timestampMs: Math.floor(event.timestampMs / coarseMs) * coarseMs }));
  return rounded.flatMap((_, i) => {
    if (i % 40 !== 0) return [];
    const request = rounded.slice(i, i + 40);
    const positions = positionsOf(request, [...request.keys()], i);
    return i % 80 === 0 ? request.map((one, n) => ({ ...one, ...(positions[n] && { position: positions[n] }) })) : request;
  });
}

function storedEventOf(message: SimulatedMessage): readonly StoredEvent[] {
  if (message.kind !== "event") return [];
  const parsed = parseEvent(message.event, { nowMs: message.deliverAtMs, eventAgeMaxMs: Number.POSITIVE_INFINITY });
  if (!parsed.ok) throw new Error(`${message.event.eventType} is refused: ${parsed.rejection.message}`);
  const { userId, roomId, sessionId, ...event } = parsed.event;
  const pseudonyms = { userId: userId as Pseudonym | null, roomId: roomId as Pseudonym | null, sessionId: sessionId as Pseudonym | null };
  return [{ ...event, ...pseudonyms, receivedAtMs: message.deliverAtMs }];
}

/** The log: each event once. */
async function eventsOf(store: EventStore): Promise<readonly StoredEvent[]> {
  return (await store.readChunks(0, Number.MAX_SAFE_INTEGER)).flatMap(({ events }) => events);
}
