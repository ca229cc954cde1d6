import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Accumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { measures } from "@trinity/aggregation/measure-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { planQuery } from "@trinity/aggregation/plan";
import { UserSet } from "@trinity/aggregation/user-set";
import { anyWorldAndQuery, type World } from "@trinity/aggregation/world-arbitrary";
import type { StoredEvent } from "@trinity/events/event";
import { unwrap } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { countFacts } from "./count-facts.ts";
import { type Engine, startEngine } from "./engine/engine.ts";
import { openLogColumns } from "./log-columns.ts";
import { measuresInSql } from "./measures-in-sql.ts";
import { sealNext } from "./segments/seal.ts";

vi.setConfig({ testTimeout: 240_000 });

let engine: Engine;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trinity-columns-"));
  engine = startEngine({ spillDir: join(folder, "spill") });
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

let worlds = 0;
const keyOf = (eventId: string) => Buffer.from(eventId.padEnd(16));

/** A folded store, and its columns: sealed after some folds, not after others. */
async function columnsOf({ folds }: World, isSealedAfter: readonly boolean[]) {
  const store = openMemoryStore();
  const segmentsDir = join(folder, String(++worlds));
  const columns = openLogColumns({ store, segmentsDir, start: () => engine });
  for (const [i, { chunks, foldedAtMs }] of folds.entries()) {
    for (const { receivedAtMs, events } of chunks)
      await store.append({ receivedAtMs, rejections: [], events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
    await foldAll(store, () => foldedAtMs);
    if (isSealedAfter[i] === true) await sealNext({ store, engine, segmentsDir, nowMs: foldedAtMs });
  }
  return { store, columns, throughSeq: (await store.readWatermark()).seq };
}

/** The accumulators of a query, all to be counted from events. */
function accumulatorsOf(query: MetricQuery, asOfMs: number) {
  const plan = unwrap(planQuery(query, { asOfMs, minutesFromMs: asOfMs }));
  const subQueries = plan.subQueries.map((subQuery) => ({ ...subQuery, source: { kind: "log" } as const }));
  return { calendar: plan.calendar, accumulators: accumulatorsFor({ ...plan, subQueries }) };
}

async function ofChunks(store: EventStore) {
  const [chunks, folds] = [await store.readChunks(0, 1_000), await store.readFoldTimes()];
  const foldedAtMs = (seq: number) => folds.find(({ toSeq }) => toSeq >= seq)?.foldedAtMs as number;
  return chunks.flatMap((chunk) => contributionsOfChunk(chunk, foldedAtMs(chunk.seq)));
}

function sumsOf(accumulator: Accumulator) {
  const shown = (sum: unknown) => (sum instanceof UserSet ? [...sum] : sum);
  return accumulator.series().map(({ key, windows, total }) => ({ key, windows: windows.map(shown), total: shown(total) }));
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - SQL over the columns counts what each event contributes, sealed or not", async () => {
  const anyCase = fc.record({
    asked: anyWorldAndQuery,
    isSealedAfter: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    users: fc.option(fc.uniqueArray(fc.nat(3)), { nil: null }),
  });
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ asked: { world, query }, isSealedAfter, users }) => {
      const { store, columns, throughSeq } = await columnsOf(world, isSealedAfter);
      const userFilter = users === null ? null : UserSet.of(users);
      const { user } = await store.readEntities({
        refs: world.events.flatMap(({ userId }) => (userId === null ? [] : { kind: "user" as const, key: userId })),
        inferredSessions: [],
      });
      const numberOf = (userId: string) => user.get(userId)?.number as number;
      const isIncluded = ({ userId }: StoredEvent) => userFilter === null || (userId !== null && userFilter.has(numberOf(userId)));
      const { calendar, accumulators } = accumulatorsOf(query, world.asOfMs);
      const expected = accumulatorsOf(query, world.asOfMs).accumulators;
      for (const [i, accumulator] of accumulators.entries()) {
        const { boundaries, measure } = accumulator.subQuery;
        // Nobody asks for the requests or chunks of users.
        if (userFilter !== null && !measure.perUser) continue;
        const ranges = [{ fromMs: boundaries[0] as number, toMs: boundaries.at(-1) as number }];
        const isCounted = await countFacts(columns, { accumulator, calendar, ranges, userFilter, throughSeq });
        if (!isCounted) continue;
        counted += 1;
        const facts = [
          ...world.events.filter(isIncluded).flatMap((event) => contributionsOfEvent(event, numberOf)),
          ...(await ofChunks(store)),
        ];
        for (const contribution of facts) expected[i]?.addContribution(contribution);
        expect(sumsOf(accumulator)).toEqual(sumsOf(expected[i] as Accumulator));
      }
    }),
    { numRuns: 200, endOnFailure: true },
  );
  expect(counted).toBeGreaterThan(40);
});

test("SQL defines all measures of chunks and of nothing but single events", () => {
  const origins = measures.filter(({ name }) => measuresInSql[name] !== undefined).map(({ origin }) => origin);
  expect(origins.toSorted()).toEqual(["chunks", "chunks", "events", "events", "events", "events", "events", "events"]);
});
