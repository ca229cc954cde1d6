import { createHash, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventStore } from "@trinity/storage/event-store";
import type { Engine, Parameters } from "../engine/engine.ts";
import { createTable, insertRows, rowsJson, sortOrder } from "../event-table.ts";
import { placedEvents } from "../place-events.ts";
import { text } from "../sql-text.ts";
import { chunkIdentity, emptyManifest, type Manifest, placeFile, readManifest, type Segment, writeManifest } from "./manifest.ts";

export type SealSettings = {
  readonly store: Pick<EventStore, "readChunks" | "readEntities" | "readWatermark">;
  readonly engine: Engine;
  /** The folder of the segments. No other process seals into it meanwhile. */
  readonly segmentsDir: string;
  readonly nowMs: number;
};

/** How many events one step seals at most. */
const stepEvents = 250_000;
/** So many small segments of a day are merged into one. */
const mergedAtOnce = 8;
const smallEvents = 250_000;
/** Longer than any answer runs that may still read a retired file. */
const keptAfterMs = 10 * 60_000;
const dayMs = 86_400_000;

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
  if (isOfLog && manifest.segments.every((segment) => hasSize(segmentsDir, segment))) return manifest;
  const retired = manifest.segments.map(({ file }) => ({ file, atMs: nowMs }));
  return { ...emptyManifest, retired: [...manifest.retired, ...retired] };
}

export async function isOfSameLog(store: Pick<EventStore, "readChunks">, { throughSeq, lastChunk }: Manifest): Promise<boolean> {
  if (lastChunk === null) return true;
  const [chunk] = await store.readChunks(throughSeq - 1, 1);
  return chunk !== undefined && chunk.seq === throughSeq && chunkIdentity(chunk) === lastChunk;
}

function hasSize(segmentsDir: string, { file, bytes }: Segment): boolean {
  const path = join(segmentsDir, file);
  return existsSync(path) && statSync(path).size === bytes;
}

class SealStep {
  readonly #settings: SealSettings;
  readonly #table = "sealing";

  constructor(settings: SealSettings) {
    this.#settings = settings;
  }

  async seal(before: Manifest): Promise<{ readonly manifest: Manifest; readonly events: number }> {
    const { store } = this.#settings;
    const { seq: throughSeq } = await store.readWatermark();
    let [sealedThrough, lastChunk, events] = [before.throughSeq, before.lastChunk, 0];
    for await (const page of placedEvents(store, { afterSeq: before.throughSeq, throughSeq })) {
      if (sealedThrough === before.throughSeq) await this.#run(createTable(this.#table));
      await this.#run(insertRows(this.#table), { rows: rowsJson(page.events) });
      const last = page.chunks.at(-1) as (typeof page.chunks)[number];
      [sealedThrough, lastChunk] = [last.seq, chunkIdentity(last)];
      events += page.events.length;
      if (events >= stepEvents) break;
    }
    if (sealedThrough === before.throughSeq) return { manifest: before, events: 0 };
    const name = `${before.throughSeq + 1}-${sealedThrough}`;
    const days = await this.#days(this.#table);
    const segments: Segment[] = [];
    for (const day of days) segments.push(await this.#write(`SELECT * FROM ${this.#table} WHERE ${isOfDay(day)}`, day, name));
    return { manifest: { ...before, throughSeq: sealedThrough, lastChunk, segments: [...before.segments, ...segments] }, events };
  }

  /** Merges the small segments of each day that has many. */
  async merge(manifest: Manifest): Promise<Manifest> {
    const { segmentsDir, nowMs } = this.#settings;
    let merged = manifest;
    for (const [day, ofDay] of Map.groupBy(manifest.segments, ({ firstMs }) => Math.floor(firstMs / dayMs))) {
      const small = ofDay.filter(({ events }) => events < smallEvents);
      if (small.length < mergedAtOnce) continue;
      const files = small.map(({ file }) => text(join(segmentsDir, file))).join(", ");
      const segment = await this.#write(
        `SELECT * FROM read_parquet([${files}], hive_partitioning = false)`,
        day,
        `merged-${manifest.throughSeq}`,
      );
      merged = {
        ...merged,
        segments: [...merged.segments.filter((one) => !small.includes(one)), segment],
        retired: [...merged.retired, ...small.map(({ file }) => ({ file, atMs: nowMs }))],
      };
    }
    return merged;
  }

  async end(): Promise<void> {
    await this.#run(`DROP TABLE IF EXISTS ${this.#table}`).catch(() => {}); // the engine has ended, and the table with it
    rmSync(this.#unfinished, { force: true });
  }

  async #write(rows: string, day: number, name: string): Promise<Segment> {
    const { segmentsDir } = this.#settings;
    mkdirSync(segmentsDir, { recursive: true, mode: 0o700 });
    await this.#run(`COPY (${rows} ORDER BY ${sortOrder}) TO ${text(this.#unfinished)} (FORMAT parquet, COMPRESSION zstd)`);
    const source = `read_parquet(${text(this.#unfinished)})`;
    const [[events], [firstMs], [lastMs]] = (await this.#run(
      `SELECT count(*)::DOUBLE, min(atMs)::DOUBLE, max(atMs)::DOUBLE FROM ${source}`,
    )) as unknown as readonly [[number], [number], [number]];
    chmodSync(this.#unfinished, 0o600);
    const contents = readFileSync(this.#unfinished);
    const date = new Date(day * dayMs).toISOString().slice(0, 10);
    // No name is used twice: a process that knows a file by its name has the right one.
    const file = `day=${date}/${name}-${randomUUID().slice(0, 8)}.parquet`;
    placeFile(this.#unfinished, join(segmentsDir, file));
    return { file, events, firstMs, lastMs, bytes: contents.length, sha256: createHash("sha256").update(contents).digest("hex") };
  }

  async #days(table: string): Promise<readonly number[]> {
    const [days] = await this.#run(`SELECT DISTINCT floor(atMs / ${dayMs})::DOUBLE AS day FROM ${table} ORDER BY day`);
    return (days ?? []) as number[];
  }

  get #unfinished(): string {
    return join(this.#settings.segmentsDir, "unfinished.parquet");
  }

  #run(sql: string, parameters?: Parameters) {
    return this.#settings.engine.read({ sql, parameters });
  }
}

function isOfDay(day: number): string {
  return `atMs >= ${day * dayMs} AND atMs < ${(day + 1) * dayMs}`;
}

function withoutExpired(manifest: Manifest, { segmentsDir, nowMs }: SealSettings): Manifest {
  const isExpired = ({ atMs }: { readonly atMs: number }) => atMs + keptAfterMs < nowMs;
  if (!manifest.retired.some(isExpired)) return manifest;
  for (const { file } of manifest.retired.filter(isExpired)) rmSync(join(segmentsDir, file), { force: true });
  return { ...manifest, retired: manifest.retired.filter((one) => !isExpired(one)) };
}

/** Removes files that no manifest names: those of a step that did not end. */
function removeUnlisted(segmentsDir: string, { segments, retired }: Manifest, nowMs: number): void {
  if (!existsSync(segmentsDir)) return;
  const listed = new Set([...segments, ...retired].map(({ file }) => file));
  const isUnlisted = (file: string) => file.endsWith(".parquet") && !listed.has(file);
  for (const file of readdirSync(segmentsDir, { recursive: true, encoding: "utf8" }).filter(isUnlisted)) {
    const path = join(segmentsDir, file);
    if (statSync(path).mtimeMs + keptAfterMs < nowMs) rmSync(path, { force: true });
  }
}
