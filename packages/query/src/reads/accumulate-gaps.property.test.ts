import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "@trinity/columns/engine";
import { openLogColumns } from "@trinity/columns/log-columns";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import type { AppendBatch, EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ask } from "../asking.testing.ts";
import { type Move, openMovingStore } from "../moving-store.testing.ts";

// Many worlds and questions: they take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nowMs = noonMs + 24 * hourMs;
/** Cuts a minute at either end: all but the first and the last seconds are in cells. */
const scope = { fromMs: noonMs + 10_500, toMs: noonMs + 2 * hourMs + 10_500, timeZone: "UTC", filters: [] };

const ofEachKind = 6;

/** Where an entity begins: in the gap at the end, then in cells, then in the gap at the start. Late events take it from one to the next. */
const beginnings = [noonMs + 2 * hourMs + 5_000, noonMs + 2 * hourMs - 10 * minuteMs, noonMs + 30_000];

/** Events of one user, session, room, title, room title, inferred session and stream. */
function eventsOf(n: number, stage: number, seq: number): AppendBatch["events"] {
  const timestampMs = (beginnings[stage] as number) - seq;
  const event = (name: string, change: Partial<StoredEvent>) => newEvent(`${name}-${n}-${seq}`, { timestampMs, ...change });
  const title = { contentId: `movie:${n}`, vote: "like", genres: ["comedy"], recommended: false };
  const vote = event("vote", {
    userId: `voter-${n}` as Pseudonym,
    roomId: `room-${n}` as Pseudonym,
    sessionId: `session-${n}` as Pseudonym,
    properties: title,
  });
  const alone = { roomId: null, properties: {} };
  // Of a user without a session id, an event two hours earlier would begin another session.
  const view = event("view", {
    ...alone,
    eventType: "screen_view",
    userId: `viewer-${n}` as Pseudonym,
    timestampMs: Math.max(timestampMs, (beginnings[1] as number) - seq),
  });
  const total = [100, 50, 20][stage] as number;
  const gc = { metric: "v8js.gc.duration", service: "shop", unit: "s", series: `gc-${n}`, count: total, sum: total, startMs: 1 };
  return [vote, view, event("gc", { ...alone, eventType: "metric_point", userId: null, properties: gc })];
}

function batchAt(seq: number): AppendBatch {
  const all = Array.from({ length: ofEachKind }, (_, n) => n);
  const stage = Math.min(2, 1 + Math.floor((seq - 2) / ofEachKind));
  const events = seq === 1 ? all.flatMap((n) => eventsOf(n, 0, seq)) : eventsOf(seq % ofEachKind, stage, seq);
  return { receivedAtMs: nowMs, events, rejections: [] };
}

/** How many there are in the range, as soon as the first chunk is folded. */
const expected = {
  sessions: 2 * ofEachKind,
  session_duration: 2 * ofEachKind,
  new_users: 2 * ofEachKind,
  new_titles: ofEachKind,
  rooms_started: ofEachKind,
  matching_power: ofEachKind,
  resource_usage: 100 * ofEachKind,
};
const numbers = Object.fromEntries(Object.keys(expected).map((metric) => [metric, { metric }]));
const asked = { kind: "overview", scope, numbers } as const;

/** Rooms may be read in order of key at any time. */
function countingScans(store: EventStore): { readonly store: EventStore; scans(): number } {
  let scans = 0;
  const scanEntities: EventStore["scanEntities"] = (kind, ...page) => {
    if (kind !== "room") scans += 1;
    return store.scanEntities(kind, ...page);
  };
  return { store: { ...store, scanEntities }, scans: () => scans };
}

async function counts(store: EventStore) {
  const { data, revision } = await ask(store, asked, nowMs);
  const found = data.metrics.map(({ metric, totals: [total] }) => [metric, total?.denominator ?? total?.count ?? total?.value ?? 0]);
  return { data, revision, found: Object.fromEntries(found) as Record<keyof typeof expected, number> };
}

const anyMoves = fc.array(
  fc.record({ appends: fc.integer({ min: 0, max: 2 }), folds: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()) }),
  { minLength: 1, maxLength: 40 },
);

test("whatever is folded between the reads of cells and entities, each entity of a range counts once", async () => {
  const seen = { mixed: 0, moved: 0, fromEntities: 0 };
  await fc.assert(
    fc.asyncProperty(anyMoves, async (moves) => {
      const moving = openMovingStore(moves, batchAt, nowMs);
      const { store, scans } = countingScans(moving.store);
      for (let i = 0; i < 3; i++) {
        const [foldsBefore, scansBefore] = [await moving.folds(), scans()];
        const { data, revision, found } = await counts(store);
        for (const [metric, count] of Object.entries(found)) expect([0, expected[metric as keyof typeof expected]]).toContain(count);
        if ((await moving.folds()) > foldsBefore) seen.moved += 1;
        if (scans() > scansBefore) seen.fromEntities += 1;
        else {
          seen.mixed += 1;
          expect(data).toEqual((await counts(await moving.stoppedAt(revision))).data);
        }
      }
    }),
    { numRuns: 100, endOnFailure: true },
  );
  // The property says something only where folds come between reads, and both ways are used.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(30);
});

test("whatever is folded between the reads of cells and columns, each entity of a long range counts once, and only rooms are read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-gaps-"));
  const engine = startEngine({ spillDir: join(folder, "spill") });
  // Minutes of these days are no longer kept, so cells lack the hour in which a day of this zone begins.
  const laterMs = noonMs + 10 * 24 * hourMs;
  const days = { fromMs: noonMs - 5 * 24 * hourMs, toMs: noonMs + 5 * 24 * hourMs, timeZone: "Australia/Darwin", filters: [] };
  const { resource_usage: _, ...ofProduct } = numbers;
  const byDay = Object.fromEntries(Object.entries(ofProduct).map(([name, one]) => [name, { ...one, granularity: "day" as const }]));
  const askedByDay = { kind: "overview", scope: days, numbers: byDay } as const;
  let moved = 0;
  try {
    await fc.assert(
      fc.asyncProperty(anyMoves, async (moves) => {
        const moving = openMovingStore(moves, batchAt, laterMs);
        const { store, scans } = countingScans(moving.store);
        const columns = openLogColumns({ store, segmentsDir: folder, start: () => engine });
        for (let i = 0; i < 2; i++) {
          const foldsBefore = await moving.folds();
          const { data, revision, source } = await ask(store, askedByDay, laterMs, columns);
          // Minutes are kept until the first fold.
          if (source === "log" && (await moving.folds()) > foldsBefore) moved += 1;
          expect(scans()).toBe(0);
          const stopped = await ask(await moving.stoppedAt(revision), askedByDay, laterMs);
          // How much of a day has passed depends on what waits to be folded.
          expect(data.metrics.map(({ totals }) => totals)).toEqual(stopped.data.metrics.map(({ totals }) => totals));
        }
      }),
      { numRuns: 100, endOnFailure: true },
    );
  } finally {
    engine.close();
    rmSync(folder, { recursive: true });
  }
  expect(moved).toBeGreaterThan(30);
});

test("whatever is folded between the reads of cells and columns, both count the events of the same chunks", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-gaps-"));
  const engine = startEngine({ spillDir: join(folder, "spill") });
  const laterMs = noonMs + 10 * 24 * hourMs;
  // A day of Darwin begins at half past two in the afternoon of UTC: columns count the second vote of each chunk, cells the first.
  const votesAt = [noonMs, noonMs + 2 * hourMs + 5 * minuteMs];
  const batchOfTwo = (seq: number): AppendBatch => {
    const events = votesAt.map((timestampMs, i) => newEvent(`vote-${seq}-${i}`, { timestampMs, roomId: null }));
    return { receivedAtMs: laterMs, events, rejections: [] };
  };
  const days = { fromMs: noonMs - 5 * 24 * hourMs, toMs: noonMs + 5 * 24 * hourMs, timeZone: "Australia/Darwin", filters: [] };
  const votesByDay = { kind: "overview", scope: days, numbers: { votes: { metric: "votes", granularity: "day" } } } as const;
  let moved = 0;
  try {
    await fc.assert(
      fc.asyncProperty(anyMoves, async (moves) => {
        const { store, folds, stoppedAt } = openMovingStore(moves, batchOfTwo, laterMs);
        const columns = openLogColumns({ store, segmentsDir: folder, start: () => engine });
        for (let i = 0; i < 2; i++) {
          const foldsBefore = await folds();
          const { data, revision, source } = await ask(store, votesByDay, laterMs, columns);
          if (source === "log" && (await folds()) > foldsBefore) moved += 1;
          const stopped = await stoppedAt(revision);
          expect(data.metrics[0]?.totals[0]?.value).toBe(2 * (await stopped.headSeq()));
        }
      }),
      { numRuns: 50, endOnFailure: true },
    );
  } finally {
    engine.close();
    rmSync(folder, { recursive: true });
  }
  expect(moved).toBeGreaterThan(10);
});

test("without columns a fold between the reads has no event read again", async () => {
  const restless: readonly Move[] = [{ appends: 1, folds: true }];
  const { store } = openMovingStore(restless, batchAt, nowMs);
  const days = { fromMs: noonMs - 5 * 24 * hourMs, toMs: noonMs + 5 * 24 * hourMs, timeZone: "Australia/Darwin", filters: [] };
  let snapshots = 0;
  const counted: EventStore = {
    ...store,
    readRollups: (...ranges) => ((snapshots += ranges[0].length > 0 ? 1 : 0), store.readRollups(...ranges)),
  };
  await ask(
    counted,
    { kind: "overview", scope: days, numbers: { votes: { metric: "votes", granularity: "day" } } },
    noonMs + 10 * 24 * hourMs,
  );
  expect(snapshots).toBe(1);
});

test("on a store that never rests entities are counted without cells, after a few attempts", async () => {
  const restless: readonly Move[] = [{ appends: 1, folds: true }];
  const { store, scans } = countingScans(openMovingStore(restless, batchAt, nowMs).store);
  let snapshots = 0;
  const counted: EventStore = {
    ...store,
    readRollups: (...ranges) => ((snapshots += ranges[0].length > 0 ? 1 : 0), store.readRollups(...ranges)),
  };
  expect((await counts(counted)).found).toEqual(expected);
  expect(scans()).toBeGreaterThan(0);
  expect(snapshots).toBeLessThan(20);
});

test("a number alone is what it is beside others", async () => {
  const store = openMemoryStore();
  await store.append(batchAt(1));
  await foldAll(store, () => nowMs);
  const { data, found } = await counts(store);
  expect(found).toEqual(expected);
  for (const [i, [name, one]] of Object.entries(numbers).entries()) {
    const alone = await ask(store, { ...asked, numbers: { [name]: one } }, nowMs);
    expect(alone.data.metrics[0]).toEqual(data.metrics[i]);
  }
});

test("users who acted where cells leave off are counted when nothing else is asked", async () => {
  const store = openMemoryStore();
  await store.append(batchAt(1));
  await foldAll(store, () => nowMs);
  const { data } = await ask(store, { ...asked, numbers: { active_users: { metric: "active_users" } } }, nowMs);
  expect(data.metrics[0]?.totals[0]?.value).toBe(2 * ofEachKind);
});

test("the chunks of the gaps are read once for all numbers, of the period before too, and only entities that have an event near", async () => {
  const store = openMemoryStore();
  await store.append(batchAt(1));
  // In the middle of the range, which cells give.
  await store.append({ receivedAtMs: nowMs, events: eventsOf(99, 1, 2), rejections: [] });
  await foldAll(store, () => nowMs);
  let reads = 0;
  const keys: string[] = [];
  const watched: EventStore = {
    ...store,
    readChunksInRanges: (ranges, eventsMax) => ((reads += ranges.afterSeq === 0 ? 1 : 0), store.readChunksInRanges(ranges, eventsMax)),
    readEntities: (one) => (keys.push(...one.refs.map(({ key }) => key)), store.readEntities(one)),
  };
  const { rooms_started: _, ...others } = numbers;
  const overview = { kind: "overview", scope, numbers: { ...others, votes: { metric: "votes" } } } as const;
  const { source, data } = await ask(watched, overview, nowMs);
  expect([source, reads, data.previous?.to]).toEqual(["log", 1, new Date(scope.fromMs).toISOString()]);
  expect(keys).toContain("session-0");
  expect(keys.filter((key) => key.includes("99"))).toEqual([]);
});
