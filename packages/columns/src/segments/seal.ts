import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type EventStore, StoreTakenError } from "@trinity/storage/event-store";
import type { Engine, Parameters } from "../engine/engine.ts";
import { type LogReads, logPages, rowsJson } from "../log-pages.ts";
import { createTable, insertRows, type LogTable } from "../log-table.ts";
import { logTables } from "../log-tables.ts";
import { text } from "../sql-text.ts";
import { CheckedSegments } from "./checked-segments.ts";
import { chunkIdentity, emptyManifest, type Manifest, readManifest, type Segment, writeManifest } from "./manifest.ts";
import { dayMs, SegmentWriter } from "./segment-writer.ts";
import { keptAfterMs, removeUnlisted } from "./unlisted.ts";

export type SealSettings = {
  readonly store: LogReads & Pick<EventStore, "readWatermark">;
  readonly engine: Engine;
  /** The folder of the segments. No other process seals into it meanwhile. */
  readonly segmentsDir: string;
  /** Aborts when another process may seal: nothing is published then. */
  readonly lost?: AbortSignal;
  readonly nowMs: number;
};

/** How many events one step seals at most. */
const stepEvents = 250_000;
/** So many small segments of a table and day are merged into one. */
const mergedAtOnce = 8;
const smallRows = 250_000;

/**
 * Writes the next folded chunks of the log into segments, and merges segments that are small.
 * @returns how many events were sealed: 0 when all are
 * @throws {DamagedDataError}
 * @throws {StoreUnavailableError}
 * @throws {EngineError}
 */
export async function sealNext(settings: SealSettings): Promise<number> {
  const { segmentsDir, nowMs } = settings;
  const onDisk = readManifest(segmentsDir);
  const before = withoutExpired(await usableManifest(onDisk, settings), settings);
  const step = new SealStep(settings);
  try {
    const { manifest, events } = await step.seal(before);
    const merged = await step.merge(manifest);
    settings.lost?.throwIfAborted();
    if (!isDeepStrictEqual(readManifest(segmentsDir), onDisk)) throw new StoreTakenError("another process sealed this log meanwhile");
    if (merged !== onDisk) writeManifest(segmentsDir, merged);
    removeUnlisted(segmentsDir, merged, nowMs);
    return events;
  } finally {
    await step.end();
  }
}

/** @returns the manifest; an empty one if the segments are those of another log, or one of them is damaged */
async function usableManifest(manifest: Manifest | null, { store, segmentsDir, nowMs }: SealSettings): Promise<Manifest> {
  if (manifest === null) return emptyManifest;
  const isOfLog = await isOfSameLog(store, manifest);
  if (isOfLog && hasFiles(segmentsDir, manifest)) return manifest;
  const retired = manifest.segments.map(({ file }) => ({ file, atMs: nowMs }));
  return { ...emptyManifest, retired: [...manifest.retired, ...retired] };
}

export async function isOfSameLog(
  store: Pick<EventStore, "readChunks" | "readFoldTimes">,
  { throughSeq, lastChunk }: Manifest,
): Promise<boolean> {
  if (lastChunk === null) return true;
  const [chunk] = await store.readChunks(throughSeq - 1, 1);
  const [fold] = await store.readFoldTimes(throughSeq - 1, 1);
  return chunk?.seq === throughSeq && chunkIdentity(chunk, fold?.foldedAtMs ?? chunk.receivedAtMs) === lastChunk;
}

/** @returns whether all files of the manifest are there; their contents are compared when they are read */
export function hasFiles(segmentsDir: string, { segments }: Manifest): boolean {
  return segments.every((segment) => hasSize(segmentsDir, segment));
}

function hasSize(segmentsDir: string, { file, bytes }: Segment): boolean {
  const path = join(segmentsDir, file);
  return existsSync(path) && statSync(path).size === bytes;
}

class SealStep {
  readonly #settings: SealSettings;
  readonly #writer: SegmentWriter;

  constructor(settings: SealSettings) {
    this.#settings = settings;
    this.#writer = new SegmentWriter(settings.engine, settings.segmentsDir);
  }

  async seal(before: Manifest): Promise<{ readonly manifest: Manifest; readonly events: number }> {
    const { store } = this.#settings;
    const { seq: throughSeq } = await store.readWatermark();
    let [sealedThrough, lastChunk, events] = [before.throughSeq, before.lastChunk, 0];
    for await (const page of logPages(store, { afterSeq: before.throughSeq, throughSeq })) {
      if (sealedThrough === before.throughSeq) for (const table of logTables) await this.#run(createTable(table, sealing(table)));
      for (const table of logTables) await this.#run(insertRows(table, sealing(table)), { rows: rowsJson(page, table) });
      const last = page.chunks.at(-1) as (typeof page.chunks)[number];
      const { foldedAtMs } = page.chunk.at(-1) as (typeof page.chunk)[number];
      [sealedThrough, lastChunk] = [last.seq, chunkIdentity(last, foldedAtMs)];
      events += page.event.length;
      if (events >= stepEvents) break;
    }
    if (sealedThrough === before.throughSeq) return { manifest: before, events: 0 };
    const segments = await this.#segments(`${before.throughSeq + 1}-${sealedThrough}`);
    return { manifest: { ...before, throughSeq: sealedThrough, lastChunk, segments: [...before.segments, ...segments] }, events };
  }

  /** Merges the small segments of each table and day that has many. */
  async merge(manifest: Manifest): Promise<Manifest> {
    const { segmentsDir, nowMs } = this.#settings;
    let merged = manifest;
    for (const table of logTables) {
      const ofTable = manifest.segments.filter((one) => one.table === table.name);
      for (const [day, ofDay] of Map.groupBy(ofTable, dayOf)) {
        const small = ofDay.filter(({ rows }) => rows < smallRows);
        // A damaged one is renamed, and found missing by the next step.
        if (small.length < mergedAtOnce || (await new CheckedSegments(segmentsDir).broken(small)).length > 0) continue;
        const files = small.map(({ file }) => text(join(segmentsDir, file))).join(", ");
        const rows = `SELECT * FROM read_parquet([${files}], hive_partitioning = false)`;
        const segment = await this.#writer.write(rows, { table, day, name: `merged-${manifest.throughSeq}` });
        merged = {
          ...merged,
          segments: [...merged.segments.filter((one) => !small.includes(one)), segment],
          retired: [...merged.retired, ...small.map(({ file }) => ({ file, atMs: nowMs }))],
        };
      }
    }
    return merged;
  }

  async end(): Promise<void> {
    for (const table of logTables) await this.#run(`DROP TABLE IF EXISTS ${sealing(table)}`).catch(() => {}); // the engine has ended
    this.#writer.clean();
  }

  /** Writes the rows to be sealed, by table and day. */
  async #segments(name: string): Promise<readonly Segment[]> {
    const segments: Segment[] = [];
    for (const table of logTables) {
      const dayOfRow = `floor(${table.firstMs} / ${dayMs})::INTEGER`;
      const [days = []] = await this.#run(`SELECT DISTINCT ${dayOfRow} AS day FROM ${sealing(table)} ORDER BY day`);
      for (const day of days as readonly number[]) {
        const rows = `SELECT * FROM ${sealing(table)} WHERE ${dayOfRow} = ${day}`;
        segments.push(await this.#writer.write(rows, { table, day, name }));
      }
    }
    return segments;
  }

  #run(sql: string, parameters?: Parameters) {
    return this.#settings.engine.read({ sql, parameters });
  }
}

/** The engine's table of the rows to be sealed. */
function sealing({ name }: LogTable): string {
  return `sealing_${name}`;
}

function dayOf({ firstMs }: Segment): number {
  return Math.floor(firstMs / dayMs);
}

function withoutExpired(manifest: Manifest, { segmentsDir, nowMs }: SealSettings): Manifest {
  const isExpired = ({ atMs }: { readonly atMs: number }) => atMs + keptAfterMs < nowMs;
  if (!manifest.retired.some(isExpired)) return manifest;
  for (const { file } of manifest.retired.filter(isExpired)) rmSync(join(segmentsDir, file), { force: true });
  return { ...manifest, retired: manifest.retired.filter((one) => !isExpired(one)) };
}
