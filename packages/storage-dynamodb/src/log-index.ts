import type { DaySpan } from "@trinity/storage/day-spans";
import { type Dynamo, type Item, onlyOverOlder } from "./dynamo.ts";
import { inParallel, slicesOf } from "./in-parallel.ts";
import type { KeyText } from "./log-body.ts";
import { sortable } from "./sort-key.ts";

/** What of a chunk is found by its index. */
export type IndexedChunk = {
  readonly seq: number;
  readonly stored: readonly KeyText[];
  readonly refused: readonly { readonly key: KeyText; readonly code: string }[];
  readonly spans: readonly DaySpan[];
};

/** Where an id occurs: in the chunk that holds its event, or the last one that counted its refusal. */
export type IdPlace = { readonly storedIn: number | null; readonly refusedIn: { readonly seq: number; readonly code: string } | null };

export type SeqRange = {
  readonly fromDay: number;
  readonly toDay: number;
  readonly afterSeq: number;
  readonly throughSeq: number;
  readonly fromMs: number;
  readonly toMs: number;
};

const markKey = { pk: "index", sk: "mark" } as const;
const daysKey = "index#days";
const runBytes = 17;
const idsARun = 18_000;

/**
 * The index of the log: which ids and which days its chunks hold. It is made block by block from the log alone, so whoever makes a block makes
 * the same items, twice or late does no harm, and the mark tells how far it reaches.
 *
 * Ids that begin with their time lie together, a run an item for each stretch of time and block: many ids a write unit. Other ids lie alone.
 */
export class LogIndex {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** The last chunk that is indexed; all before it are too. */
  async throughSeq(): Promise<number> {
    const item = await this.#dynamo.get("index", "events", markKey);
    return (item?.through as number | undefined) ?? 0;
  }

  /** @param chunks all of a block, in order, the first of which follows what is indexed */
  async write(chunks: readonly IndexedChunk[]): Promise<void> {
    const first = (chunks[0] as IndexedChunk).seq;
    const through = (chunks.at(-1) as IndexedChunk).seq;
    await this.#dynamo.writeAll("index", "events", [...idItems(chunks, first), ...dayItems(chunks, first)]);
    await this.#dynamo.putIf("index", "events", { ...markKey, through }, onlyOverOlder(through));
  }

  /** @returns the ids of a stretch of time, with the chunks that hold their events */
  async readStretch(stretch: string): Promise<ReadonlyMap<KeyText, number>> {
    const ids = new Map<KeyText, number>();
    for (const item of await this.#dynamo.query("index", "events", stretch)) addRun(ids, item);
    return ids;
  }

  /** @param keys ids that lie alone @returns those whose events are stored */
  async storedAlone(keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>> {
    const items = await this.#dynamo.getAll(
      "index",
      "events",
      keys.map((key) => ({ pk: placeOf(key), sk: storedSortKey })),
    );
    const places = new Set(items.map(({ pk }) => pk));
    return new Set(keys.filter((key) => places.has(placeOf(key))));
  }

  async find(key: KeyText): Promise<IdPlace> {
    let storedIn: number | null = null;
    let refusedIn: IdPlace["refusedIn"] = null;
    for (const item of await this.#dynamo.query("index", "events", placeOf(key))) {
      const ids = new Map<KeyText, number>();
      addRun(ids, item);
      storedIn = ids.get(key) ?? storedIn;
      for (const { seq, code, key: refused } of refusalsOf(item)) if (refused === key) refusedIn = { seq, code };
    }
    return { storedIn, refusedIn };
  }

  /** @returns the chunks that may hold events of the range, ascending */
  async seqsInRange({ fromDay, toDay, afterSeq, throughSeq, fromMs, toMs }: SeqRange): Promise<readonly number[]> {
    const days = await this.#dynamo.query("index", "events", daysKey);
    const wanted = days.map(({ sk }) => Number(sk)).filter((day) => day >= fromDay && day <= toDay);
    // An offset in a block is a byte: no block that began earlier reaches behind `afterSeq`.
    const blocks = { from: sortable(Math.max(0, afterSeq - 255)), to: sortable(throughSeq) };
    const seqs = new Set<number>();
    await inParallel(wanted, 8, async (day) => {
      for (const { spans } of await this.#dynamo.query("index", "events", dayPartition(day), blocks)) {
        for (const [seq, firstMs, lastMs] of JSON.parse(spans as string) as [number, number, number][]) {
          if (seq > afterSeq && seq <= throughSeq && firstMs < toMs && lastMs >= fromMs) seqs.add(seq);
        }
      }
    });
    return [...seqs].sort((a, b) => a - b);
  }
}

const storedSortKey = "0-stored";

/** Sixteen seconds: few enough ids to be read at once, many enough to share a write. */
const stretchMs = 16_384;
const [earliestMs, latestMs] = [Date.UTC(2010, 0), Date.UTC(2100, 0)];

/** @returns the partition of an id's stretch of time; null for an id that does not begin with its time (RFC 9562, UUID version 7) */
export function stretchOf(key: KeyText): string | null {
  const isVersion7 = key.charCodeAt(6) >>> 4 === 7 && key.charCodeAt(8) >>> 6 === 2;
  if (!isVersion7) return null;
  let atMs = 0;
  for (let i = 0; i < 6; i++) atMs = atMs * 256 + key.charCodeAt(i);
  return atMs >= earliestMs && atMs < latestMs ? `ids#${sortable(Math.floor(atMs / stretchMs))}` : null;
}

function placeOf(key: KeyText): string {
  return stretchOf(key) ?? `id#${Buffer.from(key, "latin1").toString("base64")}`;
}

type Run = { readonly ids: [key: KeyText, offset: number][]; readonly refusals: [key: string, seq: number, code: string][] };

function idItems(chunks: readonly IndexedChunk[], firstSeq: number): readonly Item[] {
  const runs = new Map<string, Run>();
  const runAt = (place: string): Run => {
    let run = runs.get(place);
    if (run === undefined) runs.set(place, (run = { ids: [], refusals: [] }));
    return run;
  };
  for (const { seq, stored, refused } of chunks) {
    for (const key of stored) runAt(placeOf(key)).ids.push([key, seq - firstSeq]);
    for (const { key, code } of refused) runAt(placeOf(key)).refusals.push([Buffer.from(key, "latin1").toString("base64"), seq, code]);
  }
  return [...runs].flatMap(([place, run]) => itemsOfRun(place, run, firstSeq));
}

// An id that lies alone is found by its key alone, without a query, so its place in the block is not in the key.
function itemsOfRun(pk: string, { ids, refusals }: Run, firstSeq: number): readonly Item[] {
  const block = sortable(firstSeq);
  const parts = slicesOf(ids, idsARun).map((slice, part) => ({
    pk,
    sk: pk.startsWith("id#") ? storedSortKey : `${block}#${part}`,
    first: firstSeq,
    ids: Buffer.concat(slice.map(([key, offset]) => Buffer.from(`${key}${String.fromCharCode(offset)}`, "latin1"))),
  }));
  const refused = slicesOf(refusals, 4_000).map((slice, part) => ({ pk, sk: `${block}#refused#${part}`, refused: JSON.stringify(slice) }));
  return [...parts, ...refused];
}

function addRun(ids: Map<KeyText, number>, item: Item): void {
  if (item.ids === undefined) return;
  const bytes = item.ids as Uint8Array;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  for (let at = 0; at < text.length; at += runBytes) {
    ids.set(text.slice(at, at + runBytes - 1), (item.first as number) + text.charCodeAt(at + runBytes - 1));
  }
}

function refusalsOf(item: Item) {
  if (item.refused === undefined) return [];
  const lines = JSON.parse(item.refused as string) as [string, number, string][];
  return lines.map(([key, seq, code]) => ({ key: Buffer.from(key, "base64").toString("latin1"), seq, code }));
}

function dayPartition(day: number): string {
  return `day#${day}`;
}

function dayItems(chunks: readonly IndexedChunk[], firstSeq: number): readonly Item[] {
  const byDay = new Map<number, [seq: number, firstMs: number, lastMs: number][]>();
  for (const { seq, spans } of chunks) {
    for (const { day, firstMs, lastMs } of spans) byDay.set(day, [...(byDay.get(day) ?? []), [seq, firstMs, lastMs]]);
  }
  return [...byDay].flatMap(([day, spans]) => [
    { pk: daysKey, sk: String(day) },
    { pk: dayPartition(day), sk: sortable(firstSeq), spans: JSON.stringify(spans) },
  ]);
}
