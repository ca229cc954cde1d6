import { statSync } from "node:fs";
import { join } from "node:path";
import { bucketStart } from "@trinity/aggregation/bucket";
import { joinTimeRanges, overlapsAny, type TimeRange } from "@trinity/aggregation/time-range";
import { createLimiter } from "@trinity/runtime/limiter";
import { SerialQueue } from "@trinity/runtime/serial-queue";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import {
  type ColumnValues,
  type Engine,
  EngineError,
  EngineLostError,
  type ListPage,
  type Statement,
  startEngine,
} from "./engine/engine.ts";
import { inAnyOf } from "./in-any-of.ts";
import type { LogReads } from "./log-pages.ts";
import type { LogTable, TimeColumn } from "./log-table.ts";
import { LogTail } from "./log-tail.ts";
import { allTime } from "./measure-sql.ts";
import { CheckedSegments } from "./segments/checked-segments.ts";
import { emptyManifest, type Manifest, manifestPath, readManifest, type Segment } from "./segments/manifest.ts";
import { isOfSameLog } from "./segments/seal.ts";
import { text } from "./sql-text.ts";

/** What a statement over the log gives, in whatever form. */
type Reading<Found> = (engine: Engine, statement: Statement, signal: AbortSignal) => Promise<Found>;

export type ColumnsQuestion = {
  readonly table: LogTable;
  /** Chunks through this one are read. All of them must be folded. */
  readonly throughSeq: number;
  /** Of the rows those with a time in one of them. Ascending, disjoint, none empty. */
  readonly ranges: readonly TimeRange[];
  /** The column that is the time of a chunk; absent for events, which have one time. */
  readonly time?: TimeColumn | undefined;
  /** @param rows what to select from: these rows as a relation with the columns of the table */
  readonly statement: (rows: string) => Statement;
};

/** The log as columns: sealed segments, and the chunks after them. */
export type LogColumns = {
  /**
   * @returns null when the log cannot be read as columns now: read its chunks
   * @throws {EngineError} when the statement fails, or was ended
   * @throws {StoreUnavailableError} also when too many questions wait
   * @throws {DamagedDataError}
   */
  read(question: ColumnsQuestion, signal?: AbortSignal): Promise<ColumnValues | null>;
  /** @returns in how many parts to read what each group of events needs at once, so that a part fits in the memory of the engine */
  partsOf(question: Pick<ColumnsQuestion, "table" | "ranges">): Promise<number>;
  /** @returns the days that segments have events of, as the instant of UTC that each begins at; ascending */
  days(): Promise<readonly number[]>;
  /**
   * Reads many numbers, a page at a time: see `Engine.readLists`.
   * @param open makes what takes the pages; once more when they are read again from the first one
   * @returns what was made last, with all pages taken; null as `read`, and what it throws
   */
  readLists<Taker extends ListTaker>(question: ColumnsQuestion, open: () => Taker, signal?: AbortSignal): Promise<Taker | null>;
  close(): void;
};

type ListTaker = { take(page: ListPage): void };

export type LogColumnsSettings = {
  readonly store: LogReads;
  readonly segmentsDir: string;
  /** How many events after the segments are kept in the memory of the engine. */
  readonly tailEventsMax?: number;
  /** How many sealed rows are read in one part. */
  readonly partRows?: number;
  /** Called again when an engine has ended. */
  readonly start?: () => Engine;
  /** Called with the reason when the log cannot be read as columns, or the engine ended; not again for the same reason until it could be. */
  readonly onTrouble?: (reason: string) => void;
};

/** Each uses all cores, so more at once would only take more memory. */
const statementsAtOnce = 2;
const statementMsMax = 30_000;
/** How many may run or wait: more would wait too long. */
const waitingMax = 200;

/** Reads as of a manifest and a tail that belong together. */
type View = { readonly engine: Engine; readonly segments: readonly Segment[]; readonly tail: LogTail };

export function openLogColumns(settings: LogColumnsSettings): LogColumns {
  const { store, segmentsDir, tailEventsMax = 100_000, partRows = 25_000_000, onTrouble = () => {} } = settings;
  const { start = () => startEngine({ spillDir: join(segmentsDir, "spill") }) } = settings;
  const queue = new SerialQueue();
  const statements = createLimiter(statementsAtOnce);
  const manifests = new ManifestReader(store, segmentsDir);
  const checked = new CheckedSegments(segmentsDir);
  let engine: Engine | null = null;
  let tail: LogTail | null = null;
  let waiting = 0;
  /** What was told last; empty since the log could be read. */
  let trouble = "";
  const toldSegments = new Set<string>();

  function tell(reason: string): null {
    if (reason !== trouble) onTrouble(reason);
    trouble = reason;
    return null;
  }

  /** Once for each file: questions about other days are answered meanwhile. A file that is made again has another name. */
  function tellOfSegments(files: readonly string[]): null {
    if (files.some((file) => !toldSegments.has(file))) onTrouble("a segment is damaged or missing");
    for (const file of files) toldSegments.add(file);
    return null;
  }

  async function viewThrough(throughSeq: number): Promise<View | null> {
    const { throughSeq: sealedThrough, segments } = await manifests.current();
    if (engine?.isAlive !== true) {
      engine = start();
      tail = null;
    }
    if (tail === null || tail.afterSeq !== sealedThrough) tail = await LogTail.after(sealedThrough, engine, tail);
    const hasAll = await tail.extend(store, throughSeq, tailEventsMax);
    return hasAll ? { engine, segments, tail } : tell(`more than ${tailEventsMax} events are not sealed yet`);
  }

  async function viewOrNull(throughSeq: number): Promise<View | null> {
    try {
      return await viewThrough(throughSeq);
    } catch (error) {
      // It may have a part of a page.
      const broken = tail;
      tail = null;
      await broken?.replace();
      // The chunks tell which questions the damage is about.
      if (error instanceof DamagedDataError) return tell(error.reason);
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && !(error instanceof EngineError)) return tell(`the engine cannot be started: ${code}`);
      throw error;
    }
  }

  async function readInTurn<Found>(question: ColumnsQuestion, reading: Reading<Found>, signal?: AbortSignal): Promise<Found | null> {
    if (waiting >= waitingMax) throw new StoreUnavailableError("too many questions that read the whole log wait already");
    waiting += 1;
    try {
      return await readOnce(question, reading, signal);
    } catch (error) {
      if (!(error instanceof EngineLostError)) throw error;
      tell("the engine ended; it is started again");
      // A statement that ends the new one too fails.
      return await readOnce(question, reading, signal);
    } finally {
      waiting -= 1;
    }
  }

  async function readOnce<Found>(question: ColumnsQuestion, reading: Reading<Found>, signal?: AbortSignal): Promise<Found | null> {
    const { throughSeq } = question;
    // A view is used from the moment it is made, so that no later one drops its tail.
    const view = await queue.run(async () => {
      const made = await viewOrNull(throughSeq);
      made?.tail.use();
      return made;
    });
    if (view === null) return null;
    try {
      const inRange = inRanges(view.segments, question);
      const broken = await checked.broken(inRange);
      if (broken.length > 0) return tellOfSegments(broken);
      const statement = question.statement(relationOf(inRange, view.tail, question));
      const found = await statements(() => {
        const limited = AbortSignal.any([AbortSignal.timeout(statementMsMax), ...(signal === undefined ? [] : [signal])]);
        return reading(view.engine, statement, limited);
      }).catch(async (error: unknown) => {
        if (!(error instanceof EngineError) || error instanceof EngineLostError || error.isLimit) throw error;
        const brokenSince = await checked.brokenSince(inRange);
        if (brokenSince.length === 0) throw error;
        return tellOfSegments(brokenSince);
      });
      if (found !== null) trouble = "";
      return found;
    } finally {
      await view.tail.release();
    }
  }

  function relationOf(segments: readonly Segment[], tail: LogTail, { table, throughSeq, ranges, time }: ColumnsQuestion): string {
    const joined = joinTimeRanges(ranges);
    const isAllTime = joined.some(({ fromMs, toMs }) => fromMs === allTime.fromMs && toMs === allTime.toMs);
    const inRange = isAllTime ? [] : [inAnyOf(joined, time)];
    const before = [`seq <= ${throughSeq}`];
    // A column that is compared with a number must be read for it: a third of the time, where all rows of a file are wanted anyway.
    const sealedBefore = tail.afterSeq <= throughSeq ? [] : before;
    const isWhole = ([firstMs, lastMs]: Times) => joined.some(({ fromMs, toMs }) => fromMs <= firstMs && lastMs < toMs);
    const { whole = [], cut = [] } = Object.groupBy(segments, (one) => (isWhole(timesOf(one, time)) ? "whole" : "cut"));
    const parts = [
      ...(whole.length === 0 ? [] : [selectFrom(parquetOf(whole), sealedBefore)]),
      ...(cut.length === 0 ? [] : [selectFrom(parquetOf(cut), [...sealedBefore, ...inRange])]),
      selectFrom(tail.nameOf(table), [...before, ...inRange]),
    ];
    return `(${parts.join(" UNION ALL BY NAME ")})`;
  }

  function parquetOf(segments: readonly Segment[]): string {
    const files = segments.map(({ file }) => text(join(segmentsDir, file))).join(", ");
    return `read_parquet([${files}], hive_partitioning = false)`;
  }

  async function partsOf(question: Pick<ColumnsQuestion, "table" | "ranges">): Promise<number> {
    const rows = inRanges((await manifests.current()).segments, question).reduce((sum, one) => sum + one.rows, 0);
    return Math.max(1, Math.ceil(rows / partRows));
  }

  async function days(): Promise<readonly number[]> {
    const { segments } = await manifests.current();
    return [...new Set(segments.filter(({ table }) => table === "event").map(({ firstMs }) => bucketStart("day", firstMs)))].sort(
      (a, b) => a - b,
    );
  }

  return {
    read: (question, signal) => readInTurn(question, (engine, statement, limited) => engine.read(statement, limited), signal),
    readLists: (question, open, signal) =>
      readInTurn(
        question,
        async (engine, statement, limited) => {
          const taker = open();
          await engine.readLists(statement, (page) => taker.take(page), limited);
          return taker;
        },
        signal,
      ),
    partsOf,
    days,
    close: () => engine?.close(),
  };
}

function inRanges(
  segments: readonly Segment[],
  { table, ranges, time }: Pick<ColumnsQuestion, "table" | "ranges" | "time">,
): readonly Segment[] {
  return segments.filter((one) => one.table === table.name && overlapsAny(ranges, ...timesOf(one, time)));
}

type Times = readonly [firstMs: number, lastMs: number];

function timesOf({ times, firstMs, lastMs }: Segment, time: ColumnsQuestion["time"]): Times {
  return (time === undefined ? undefined : times?.[time]) ?? [firstMs, lastMs];
}

function selectFrom(rows: string, conditions: readonly string[]): string {
  return `SELECT * FROM ${rows} WHERE ${conditions.join(" AND ") || "true"}`;
}

/** The manifest as it is on the disk, if its segments are those of this log. */
class ManifestReader {
  readonly #store: LogColumnsSettings["store"];
  readonly #segmentsDir: string;
  #version = "";
  #manifest: Manifest = emptyManifest;

  constructor(store: LogColumnsSettings["store"], segmentsDir: string) {
    this.#store = store;
    this.#segmentsDir = segmentsDir;
  }

  async current(): Promise<Manifest> {
    const version = this.#versionOnDisk();
    if (version !== this.#version) {
      const manifest = readManifest(this.#segmentsDir) ?? emptyManifest;
      this.#manifest = (await isOfSameLog(this.#store, manifest)) ? manifest : emptyManifest;
      this.#version = version;
    }
    return this.#manifest;
  }

  #versionOnDisk(): string {
    const stat = statSync(manifestPath(this.#segmentsDir), { throwIfNoEntry: false });
    return stat === undefined ? "none" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  }
}
