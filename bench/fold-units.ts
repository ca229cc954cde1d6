import { type FoldStep, fold, foldInputOf } from "@trinity/aggregation/fold";
import type { StoredEvent } from "@trinity/events/event";
import { standardLayout } from "@trinity/storage-dynamodb/layout";
import { type PageRef, pageId } from "@trinity/storage-dynamodb/state/page";
import { encodeDelta, pageChangesOf } from "@trinity/storage-dynamodb/state/state-delta";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { batches, liveTraffic } from "./capacity.ts";

export type FoldUnitsSettings = {
  readonly seed: number;
  readonly eventsPerSecond: number;
  /** Folds a second. */
  readonly foldsPerSecond: number;
};

/** Write units an event, without the log, its index and the manifest. */
export type FoldUnits = FoldUnitsSettings & {
  readonly deltaBytes: number;
  /** Written once and removed once. */
  readonly deltas: number;
  readonly entities: number;
  readonly cells: number;
  readonly pagesACompaction: number;
  /** Of the pure fold, on one core. */
  readonly foldedPerSecond: number;
};

type ChangedPage = { readonly page: PageRef; readonly changes: unknown[] };

/**
 * Measures the cost of the state, by the number of events a fold. It builds the deltas and pages of realistic traffic in memory and measures those of
 * the second compaction. This reaches rates that this machine cannot reach with a database.
 */
export async function foldUnits({ seed, eventsPerSecond, foldsPerSecond }: FoldUnitsSettings): Promise<FoldUnits> {
  const { compactDeltas, entityShards } = standardLayout;
  const eventsAFold = Math.max(1, Math.round(eventsPerSecond / foldsPerSecond));
  const store = openMemoryStore();
  const contents = new Map<string, unknown>();
  const changed = new Map<string, ChangedPage>();
  const counted = { deltaBytes: 0, deltas: 0, entities: 0, cells: 0, pages: 0, foldMs: 0 };
  let folds = 0;
  for (const batch of batches(liveTraffic(seed, Math.ceil(eventsPerSecond)), eventsAFold, 2 * compactDeltas * eventsAFold)) {
    const { step, foldMs } = await folded(store, batch);
    folds += 1;
    const isCounted = folds > compactDeltas;
    const written = {
      kind: "fold" as const,
      to: step.to,
      foldTime: null,
      entities: step.entities,
      cells: step.cells,
      index: step.index,
      emptied: [],
    };
    for (const { page, change } of pageChangesOf(written, entityShards)) {
      const known = changed.get(pageId(page));
      if (known === undefined) changed.set(pageId(page), { page, changes: [change] });
      else known.changes.push(change);
    }
    if (isCounted) {
      const bytes = encodeDelta(written).length;
      counted.deltaBytes += bytes;
      counted.deltas += 2 * unitsOf(bytes);
      counted.foldMs += foldMs;
    }
    if (folds % compactDeltas > 0) continue;
    for (const [id, { page, changes }] of changed) {
      const content = page.codec.apply(contents.get(id) ?? page.codec.empty, changes);
      contents.set(id, content);
      if (isCounted) counted[page.tag === "entities" ? "entities" : "cells"] += unitsOf(page.codec.encode(content).length);
    }
    if (isCounted) counted.pages = changed.size;
    changed.clear();
  }
  await store.close();
  const events = compactDeltas * eventsAFold;
  return {
    seed,
    eventsPerSecond,
    foldsPerSecond,
    deltaBytes: counted.deltaBytes / compactDeltas,
    deltas: counted.deltas / events,
    entities: counted.entities / events,
    cells: counted.cells / events,
    pagesACompaction: counted.pages,
    foldedPerSecond: (1_000 * events) / counted.foldMs,
  };
}

/** @returns the cost of the state by the rate, as a table in Markdown */
export function foldUnitsTable(reports: readonly FoldUnits[]): string {
  return [
    "| events a second | folds a second | bytes a delta | deltas | entities | cells | pages a compaction | folded a second of one core |",
    "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ...reports.map(({ eventsPerSecond, foldsPerSecond, deltaBytes, deltas, entities, cells, pagesACompaction, foldedPerSecond }) => {
      const units = [deltas, entities, cells].map((part) => part.toFixed(3));
      const row = [eventsPerSecond, foldsPerSecond, Math.round(deltaBytes), ...units, pagesACompaction, Math.round(foldedPerSecond)];
      return `| ${row.join(" | ")} |`;
    }),
  ].join("\n");
}

async function folded(
  store: ReturnType<typeof openMemoryStore>,
  batch: readonly StoredEvent[],
): Promise<{ step: FoldStep; foldMs: number }> {
  const atMs = (batch.at(-1) as StoredEvent).timestampMs;
  const events = batch.map((event) => ({ key: Buffer.from(event.eventId.replaceAll("-", ""), "hex"), event }));
  await store.append({ receivedAtMs: atMs, events, rejections: [] });
  const watermark = await store.readWatermark();
  const chunks = await store.readChunks(watermark.seq, batch.length);
  const input = foldInputOf(chunks);
  const before = await store.readEntities(input.named.reads());
  const startedMs = performance.now();
  const step = fold(input, before, watermark, atMs);
  const foldMs = performance.now() - startedMs;
  if ((await store.commitFold(step)) !== "committed") throw new Error("nobody else folds here");
  return { step, foldMs };
}

/** Names and keys of an item take some 60 bytes. */
function unitsOf(bytes: number): number {
  return Math.ceil((bytes + 60) / 1_024);
}
