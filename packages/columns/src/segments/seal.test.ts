import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInAny, joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import type { StoredEvent } from "@trinity/events/event";
import { anyReportedEvent } from "@trinity/events/event-arbitrary";
import { DamagedDataError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, keyOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chunkTable } from "../chunk-table.ts";
import { type Engine, EngineError, startEngine } from "../engine/engine.ts";
import { eventTable } from "../event-table.ts";
import { type ColumnsQuestion, openLogColumns } from "../log-columns.ts";
import { type TimeColumn, timeColumns } from "../log-table.ts";
import { allTime } from "../measure-sql.ts";
import { storedColumns, storedEventOf } from "../stored-event.testing.ts";
import { type Manifest, manifestPath, readManifest, type Segment } from "./manifest.ts";
import { sealNext } from "./seal.ts";
import { createWaitingCount } from "./waiting-events.ts";

vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trinity-seal-"));
  engine = startEngine({ spillDir: join(folder, "spill") });
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

const [hourMs, dayMs] = [3_600_000, 86_400_000];
let logs = 0;

/** A folded log in memory, and its columns. */
function newLog() {
  const store = openMemoryStore();
  const segmentsDir = join(folder, String(++logs));
  const troubles: string[] = [];
  const columns = openLogColumns({ store, segmentsDir, start: () => engine, onTrouble: (reason) => troubles.push(reason) });
  return {
    store,
    troubles,
    segmentsDir,
    columns,
    async append(events: readonly StoredEvent[]) {
      await store.append({ receivedAtMs: noonMs, rejections: [], events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
      await foldAll(store, () => noonMs);
    },
    seal: (nowMs = noonMs, by = engine) => sealNext({ store, engine: by, segmentsDir, nowMs }),
    /** All events, in the order of the log, as the columns have them; null if they cannot be read so. */
    async read(ranges: readonly TimeRange[] = [allTime]) {
      const { seq: throughSeq } = await store.readWatermark();
      const statement = (events: string) => ({ sql: `SELECT ${storedColumns} FROM ${events} ORDER BY seq, "index"` });
      const values = await columns.read({ table: eventTable, throughSeq, ranges, statement });
      return values === null ? null : (values[0] ?? []).map((_, row) => storedEventOf(values.map((column) => column[row] ?? null)));
    },
    async events() {
      const chunks = await store.readChunks(0, 1_000_000);
      return chunks.flatMap(({ events }) => events);
    },
    /** How many rows the segments of a table have. */
    sealed: (table: Segment["table"]) =>
      readManifest(segmentsDir)?.segments.reduce((sum, one) => sum + (one.table === table ? one.rows : 0), 0),
    files: () => readdirSync(segmentsDir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".parquet")),
  };
}

const anyStoredEvent = fc
  .record({
    event: anyReportedEvent,
    receivedAtMs: fc.integer({ min: noonMs, max: noonMs + 10 * dayMs }),
    order: fc.oneof(
      fc.constant({}),
      fc.record({ sequence: fc.nat() }),
      fc.record({ position: fc.record({ batch: fc.integer({ min: 0, max: 2 ** 32 - 1 }), index: fc.nat(999) }) }),
    ),
  })
  .map(({ event, receivedAtMs, order }) => ({ ...event, receivedAtMs, ...order }) as StoredEvent);
const anyBatches = fc.uniqueArray(anyStoredEvent, { selector: ({ eventId }) => eventId, maxLength: 60 }).chain((events) =>
  fc.array(fc.record({ size: fc.integer({ min: 1, max: 20 }), isSealed: fc.boolean() }), { minLength: 1, maxLength: 5 }).map((cuts) => {
    let from = 0;
    return cuts.map(({ size, isSealed }) => ({ isSealed, events: events.slice(from, (from += size)) }));
  }),
);

test("an event that is read from a segment, or from behind the segments, equals the event that was taken", () =>
  fc.assert(
    fc.asyncProperty(anyBatches, async (batches) => {
      const log = newLog();
      for (const { events, isSealed } of batches) {
        await log.append(events);
        if (isSealed) await log.seal();
      }
      expect(await log.read()).toEqual(await log.events());
    }),
    { numRuns: 100 },
  ));

test("a question has the events and the chunks of its ranges, and no others, whether files are in a range as a whole or in part", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ atMs: fc.nat(40), receivedAtMs: fc.nat(40), foldedAtMs: fc.nat(40), isSealed: fc.boolean() }), { maxLength: 9 }),
      fc.array(fc.record({ from: fc.nat(40), length: fc.nat(20) }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.nat(9),
      async (commits, wanted, isAll, notRead) => {
        const log = newLog();
        const throughSeq = Math.max(0, commits.length - notRead);
        const instant = (sixth: number) => noonMs + (sixth * dayMs) / 6;
        for (const [i, { atMs, receivedAtMs, foldedAtMs, isSealed }] of commits.entries()) {
          const events = [newEvent(`${i}`, { timestampMs: instant(atMs) })];
          await log.store.append({ receivedAtMs: instant(receivedAtMs), rejections: [], events });
          await foldAll(log.store, () => instant(foldedAtMs));
          if (isSealed) await log.seal();
        }
        const times = wanted.map(({ from, length }) => ({ fromMs: instant(from), toMs: instant(from + length) }));
        const ranges = isAll ? [allTime] : joinTimeRanges(times);
        const seqsIn = (nameOfTime: "atMs" | TimeColumn) =>
          commits.flatMap((one, i) => (i < throughSeq && isInAny(ranges, instant(one[nameOfTime])) ? [i + 1] : []));
        const read = async (question: Pick<ColumnsQuestion, "table" | "time">) => {
          const statement = (rows: string) => ({ sql: `SELECT seq::DOUBLE FROM ${rows} ORDER BY seq` });
          const found = await log.columns.read({ ...question, throughSeq, ranges, statement });
          return found && (found[0] ?? []);
        };
        expect(await read({ table: eventTable })).toEqual(seqsIn("atMs"));
        for (const time of timeColumns) expect(await read({ table: chunkTable, time })).toEqual(seqsIn(time));
      },
    ),
    { numRuns: 100 },
  ));

/** Fails at one of its statements, as an engine does that is killed. */
function failingAt(statement: number): Engine {
  let statements = 0;
  return {
    ...engine,
    isAlive: true,
    read: (...all) => (++statements === statement ? Promise.reject(new EngineError("killed")) : engine.read(...all)),
  };
}

test("a step that fails at any statement leaves each event in one place, and the next step seals it", async () => {
  for (let statement = 1; ; statement++) {
    const log = newLog();
    // Segments of two days that are about to be merged.
    for (let i = 0; i < 8; i++) {
      await log.append([0, 1].map((day) => newEvent(`${i}-${day}`, { timestampMs: noonMs + day * dayMs + i }).event));
      if (i < 7) await log.seal();
    }
    const outcome = await log.seal(noonMs, failingAt(statement)).catch((error: unknown) => error);
    expect(await log.read()).toEqual(await log.events());
    await log.seal(noonMs + 1);
    expect(await log.read()).toEqual(await log.events());
    expect([log.sealed("event"), log.sealed("chunk")]).toEqual([16, 8]);
    if (!(outcome instanceof EngineError)) return expect(statement).toBeGreaterThan(10);
  }
});

test("small segments of a day are merged, in order of user and time; the old files stay for answers that have begun", async () => {
  const log = newLog();
  for (let i = 0; i < 8; i++) {
    await log.append([newEvent(`late-${i}`, { userId: `u-${i % 3}` as never, timestampMs: noonMs + (8 - i) * hourMs }).event]);
    expect(await log.seal()).toBe(1);
  }
  const { segments, retired } = readManifest(log.segmentsDir) ?? { segments: [], retired: [] };
  expect([segments.map(({ table }) => table), retired.length, log.files().length]).toEqual([["event", "chunk"], 16, 18]);
  const [file] = segments.map((one) => join(log.segmentsDir, one.file));
  const [users = [], times = []] = await engine.read({ sql: `SELECT userNumber, atMs::DOUBLE FROM read_parquet('${file}')` });
  const rows = users.map((user, i) => [user, times[i]] as [number, number]);
  expect(rows).toEqual(rows.toSorted(([a, b], [c, d]) => a - c || b - d));
  expect(await log.read()).toEqual(await log.events());

  await log.seal(noonMs + 11 * 60_000);
  expect(log.files()).toHaveLength(2);
  expect(await log.read()).toEqual(await log.events());
});

test("a file that no manifest names is removed once no step can be writing it", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await log.seal();
  writeFileSync(join(log.segmentsDir, "left-over.parquet"), "");
  await log.seal(Date.now());
  expect(log.files()).toContain("left-over.parquet");
  await log.seal(Date.now() + 11 * 60_000);
  expect(log.files()).toHaveLength(2);
});

test("a damaged or missing segment is never read: the caller reads the log, until all segments are made again", async () => {
  for (const damage of [(path: string) => rmSync(path), (path: string) => flipByte(path)]) {
    const log = newLog();
    await log.append([newEvent("a").event, newEvent("b", { timestampMs: noonMs + dayMs }).event]);
    await log.seal();
    damage(join(log.segmentsDir, log.files().find((file) => file.startsWith("event")) as string));
    const other = openLogColumns({ store: log.store, segmentsDir: log.segmentsDir, start: () => engine });
    const statement = (events: string) => ({ sql: `SELECT count(*)::DOUBLE FROM ${events}` });
    const all = { table: eventTable, throughSeq: 1, ranges: [allTime], statement };
    expect(await other.read(all)).toBeNull();
    await log.seal();
    expect(await other.read(all)).toEqual([[2]]);
    expect(await log.read()).toEqual(await log.events());
  }
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] as number) ^ 1;
  writeFileSync(path, bytes);
}

test("a segment between the ranges of a question is not read", async () => {
  const log = newLog();
  const days = [0, 1, 2].map((day) => ({ fromMs: noonMs + day * dayMs, toMs: noonMs + day * dayMs + 1 }));
  for (const { fromMs } of days) {
    await log.append([newEvent(String(fromMs), { timestampMs: fromMs }).event]);
    await log.seal();
  }
  const [first, second, third] = days as [TimeRange, TimeRange, TimeRange];
  const between = readManifest(log.segmentsDir)?.segments.find(({ table, firstMs }) => table === "event" && firstMs === second.fromMs);
  rmSync(join(log.segmentsDir, between?.file as string));
  expect((await log.read([first, third]))?.map(({ timestampMs }) => timestampMs)).toEqual([first.fromMs, third.fromMs]);
  expect(await log.read([{ ...first, toMs: third.toMs }])).toBeNull();
});

test("a segment of chunks is not read for times at which none of them was received, or folded", async () => {
  const log = newLog();
  const importedMs = noonMs + 9 * dayMs;
  for (const day of [0, 1, 2]) {
    const events = [newEvent(`${day}`)];
    await log.store.append({ receivedAtMs: noonMs + day * dayMs, rejections: [], events });
  }
  await foldAll(log.store, () => importedMs);
  await log.seal();
  const between = readManifest(log.segmentsDir)?.segments.find(({ table, firstMs }) => table === "chunk" && firstMs === noonMs + dayMs);
  rmSync(join(log.segmentsDir, between?.file as string));
  const count = (time: TimeColumn, atMs: number) => {
    const statement = (chunks: string) => ({ sql: `SELECT count(*)::DOUBLE FROM ${chunks}` });
    return log.columns.read({ table: chunkTable, time, throughSeq: 3, ranges: [{ fromMs: atMs, toMs: atMs + 1 }], statement });
  };
  expect(await count("receivedAtMs", noonMs)).toEqual([[1]]);
  expect(await count("receivedAtMs", noonMs + 2 * dayMs)).toEqual([[1]]);
  expect(await count("receivedAtMs", noonMs + dayMs)).toBeNull();
  expect(await count("receivedAtMs", importedMs)).toEqual([[0]]);
  expect(await count("foldedAtMs", noonMs + dayMs)).toEqual([[0]]);
  expect(await count("foldedAtMs", importedMs)).toBeNull();
});

test("a damaged segment is told of once, also if questions about others are answered meanwhile", async () => {
  const log = newLog();
  const [day, next] = [0, 1].map((i) => ({ fromMs: noonMs + i * dayMs, toMs: noonMs + i * dayMs + 1 })) as [TimeRange, TimeRange];
  await log.append([day, next].map(({ fromMs }) => newEvent(String(fromMs), { timestampMs: fromMs }).event));
  await log.seal();
  const ofDay = (fromMs: number) =>
    readManifest(log.segmentsDir)?.segments.find((one) => one.table === "event" && one.firstMs === fromMs)?.file;
  flipByte(join(log.segmentsDir, ofDay(day.fromMs) as string));
  for (let i = 0; i < 3; i++) {
    expect(await log.read([day])).toBeNull();
    expect(await log.read([next])).toHaveLength(1);
  }
  expect(log.troubles).toEqual(["a segment is damaged or missing"]);
  rmSync(join(log.segmentsDir, ofDay(next.fromMs) as string));
  expect(await log.read([next])).toBeNull();
  expect(log.troubles).toHaveLength(2);
});

test("a damaged segment is not merged into a sound one", async () => {
  const log = newLog();
  for (let i = 0; i < 8; i++) {
    await log.append([newEvent(`${i}`).event]);
    if (i === 6) flipByte(join(log.segmentsDir, log.files().find((file) => file.startsWith("event")) as string));
    await log.seal();
  }
  expect(readManifest(log.segmentsDir)?.segments.filter(({ table }) => table === "event").length).toBe(8);
  await log.seal();
  expect([log.sealed("event"), log.sealed("chunk")]).toEqual([8, 8]);
  expect(await log.read()).toEqual(await log.events());
});

test("a segment that goes missing while it is in use, or for a while, is read from the log, and from the segment once it is back", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await log.seal();
  expect(await log.read()).toHaveLength(1);
  const path = join(log.segmentsDir, log.files().find((file) => file.startsWith("event")) as string);
  renameSync(path, `${path}.away`);
  expect(await log.read()).toBeNull();
  expect(log.troubles).toEqual(["a segment is damaged or missing"]);
  renameSync(`${path}.away`, path);
  expect(await log.read()).toHaveLength(1);
  rmSync(path);
  expect((await createWaitingCount(log.store, log.segmentsDir)(10)).events).toBe(1);
});

test("a manifest that is cut, changed or no file is as good as none", async () => {
  const log = newLog();
  await log.append([newEvent("a").event, newEvent("b", { timestampMs: noonMs + dayMs }).event]);
  await log.seal();
  const path = manifestPath(log.segmentsDir);
  const text = readFileSync(path, "utf8");
  const { digest, manifest } = JSON.parse(text) as { digest: string; manifest: Manifest };
  const lessOne = JSON.stringify({ digest, manifest: { ...manifest, segments: manifest.segments.slice(1) } });
  for (const changed of [text.slice(0, -10), lessOne, "", null]) {
    rmSync(path, { recursive: true });
    if (changed === null) mkdirSync(path);
    else writeFileSync(path, changed);
    expect(readManifest(log.segmentsDir)).toBeNull();
    expect(await log.read()).toEqual(await log.events());
  }
  rmSync(path, { recursive: true });
  expect(await log.seal()).toBe(2);
});

test("a step whose lease was lost publishes nothing, and neither does one beside another", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await expect(sealNext({ ...log, engine, nowMs: noonMs, lost: AbortSignal.abort(new Error("lost")) })).rejects.toThrow("lost");
  expect(readManifest(log.segmentsDir)).toBeNull();
  const paused = Promise.withResolvers<void>();
  let statements = 0;
  const slow: Engine = {
    ...engine,
    isAlive: true,
    read: async (...all) => ((statements += 1) === 5 ? await paused.promise : undefined, engine.read(...all)),
  };
  const first = log.seal(noonMs, slow);
  const other = startEngine({ spillDir: join(folder, "spill") });
  await log.seal(noonMs, other);
  other.close();
  paused.resolve();
  await expect(first).rejects.toThrow("another process sealed this log meanwhile");
  expect(await log.read()).toEqual(await log.events());
});

test("a chunk that is damaged behind the segments is the log's to report: its columns are not read, and nothing is left in the engine", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  const damaged = { ...log.store, readChunks: () => Promise.reject(new DamagedDataError("chunk 1 is damaged")) };
  const troubles: string[] = [];
  const columns = openLogColumns({
    store: damaged,
    segmentsDir: log.segmentsDir,
    start: () => engine,
    onTrouble: (reason) => troubles.push(reason),
  });
  const tables = async () => Number((await engine.read({ sql: "SELECT count(*)::DOUBLE FROM duckdb_tables()" }))[0]?.[0]);
  const before = await tables();
  const statement = (rows: string) => ({ sql: `SELECT count(*) FROM ${rows}` });
  for (let i = 0; i < 5; i++) expect(await columns.read({ table: eventTable, throughSeq: 1, ranges: [allTime], statement })).toBeNull();
  expect([await tables(), troubles]).toEqual([before, ["chunk 1 is damaged"]]);
});

test("segments of other folds are made again: the times of folds are in them", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await log.seal();
  const refolded = { ...log.store, readFoldTimes: async () => [{ toSeq: 1, foldedAtMs: noonMs + 5 }] };
  expect(await sealNext({ store: refolded, engine, segmentsDir: log.segmentsDir, nowMs: noonMs })).toBe(1);
});

test("segments of another log are not read, and are made again", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await log.seal();
  const other = openMemoryStore();
  await other.append(batchOf([newEvent("x"), newEvent("y")]));
  await foldAll(other, () => noonMs);
  const columns = openLogColumns({ store: other, segmentsDir: log.segmentsDir, start: () => engine });
  const ids = () =>
    columns.read({
      table: eventTable,
      throughSeq: 1,
      ranges: [allTime],
      statement: (events) => ({ sql: `SELECT eventId FROM ${events} ORDER BY eventId` }),
    });
  expect(await ids()).toEqual([["x", "y"]]);
  expect(await sealNext({ store: other, engine, segmentsDir: log.segmentsDir, nowMs: noonMs })).toBe(2);
  expect(await ids()).toEqual([["x", "y"]]);
});

test("only folded events are sealed, and only events through the asked chunk are read", async () => {
  const log = newLog();
  await log.append([newEvent("a").event]);
  await log.store.append(batchOf([newEvent("b")]));
  expect(await log.seal()).toBe(1);
  expect((await log.read())?.map(({ eventId }) => eventId)).toEqual(["a"]);
  await log.append([newEvent("c").event]);
  await log.seal();
  const ids = (throughSeq: number) =>
    log.columns.read({
      table: eventTable,
      throughSeq,
      ranges: [allTime],
      statement: (events) => ({ sql: `SELECT eventId FROM ${events} ORDER BY seq` }),
    });
  expect([await ids(1), await ids(2), await ids(3)]).toEqual([[["a"]], [["a", "b"]], [["a", "b", "c"]]]);
});

test("a log with more events behind its segments than fit is not read as columns", async () => {
  const store = openMemoryStore();
  const segmentsDir = join(folder, String(++logs));
  const columns = openLogColumns({ store, segmentsDir, start: () => engine, tailEventsMax: 2 });
  const statement = (events: string) => ({ sql: `SELECT count(*)::DOUBLE FROM ${events}` });
  const count = (throughSeq: number) => columns.read({ table: eventTable, throughSeq, ranges: [allTime], statement });
  for (const [i, events] of [2, 1, 1].entries()) {
    await store.append(batchOf(Array.from({ length: events }, (_, n) => newEvent(`${i}-${n}`))));
    await foldAll(store, () => noonMs);
  }
  expect(await count(1)).toEqual([[2]]);
  expect(await count(3)).toBeNull();
  await sealNext({ store, engine, segmentsDir, nowMs: noonMs });
  expect(await count(3)).toEqual([[4]]);
  expect(existsSync(segmentsDir)).toBe(true);
});

test("a tail that would be far too long is not begun: its question need not wait for it", async () => {
  const store = openMemoryStore();
  const statements: string[] = [];
  const watched: Engine = {
    ...engine,
    isAlive: true,
    read: (statement, signal) => (statements.push(statement.sql), engine.read(statement, signal)),
  };
  for (let i = 0; i < 9; i++) await store.append(batchOf([newEvent(`${i}`)]));
  await foldAll(store, () => noonMs);
  const columns = openLogColumns({
    store: { ...store, readChunks: (afterSeq) => store.readChunks(afterSeq, 2) },
    segmentsDir: join(folder, String(++logs)),
    start: () => watched,
    tailEventsMax: 4,
  });
  const count = (throughSeq: number) =>
    columns.read({
      table: eventTable,
      throughSeq,
      ranges: [allTime],
      statement: (events) => ({ sql: `SELECT count(*)::DOUBLE FROM ${events}` }),
    });
  expect(await count(9)).toBeNull();
  expect(statements.filter((sql) => sql.startsWith("INSERT"))).toEqual([]);
});
