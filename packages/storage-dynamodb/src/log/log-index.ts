import type { DaySpan } from "@trinity/storage/day-spans";
import { type Dynamo, type Item, type ItemKey, onlyOverOlder } from "../client/dynamo.ts";
import { inParallel, slicesOf } from "../client/in-parallel.ts";
import { sortable } from "../client/sort-key.ts";
import type { KeyText } from "./payload.ts";

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

const statusKey = { pk: "index", sk: "mark" } as const;
const mendsKey = { pk: "index", sk: "mends" } as const;
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

  /** How far the index reaches, and how often some of it was lost and made again: then what was read of it before may lack it. */
  async progress(): Promise<{ readonly throughSeq: number; readonly mends: number }> {
    const items = new Map((await this.#dynamo.query("index", "events", statusKey.pk)).map((item) => [item.sk, item]));
    const numberOf = (sk: string, name: string) => (items.get(sk)?.[name] as number | undefined) ?? 0;
    return { throughSeq: numberOf(statusKey.sk, "through"), mends: numberOf(mendsKey.sk, "mends") };
  }

  /** The last chunk that is indexed; all before it are too. */
  async throughSeq(): Promise<number> {
    const item = await this.#dynamo.get("index", "events", statusKey);
    return (item?.through as number | undefined) ?? 0;
  }

  /** @param chunks all of a block, in order, the first of which follows what is indexed */
  async write(chunks: readonly IndexedChunk[]): Promise<void> {
    const first = (chunks[0] as IndexedChunk).seq;
    const through = (chunks.at(-1) as IndexedChunk).seq;
    await this.#dynamo.writeAll("index", "events", [...idItems(chunks, first), ...dayItems(chunks, first)]);
    await this.#dynamo.putIf("index", "events", { ...statusKey, through }, onlyOverOlder(through));
  }

  /**
   * Compares the items of a block with what its chunks say, and puts those that are missing or say something else.
   * @param chunks all of a block that is indexed
   * @param holds whether a chunk of the log holds an event
   */
  async mend(chunks: readonly IndexedChunk[], holds: (seq: number, key: KeyText) => Promise<boolean>): Promise<MendedBlock> {
    const first = (chunks[0] as IndexedChunk).seq;
    const wanted = [...idItems(chunks, first), ...dayItems(chunks, first)];
    const stretches = [...new Set(wanted.map(({ pk }) => pk))].filter(isStretch);
    const [inStretches, others] = await Promise.all([
      inParallel(stretches, partitionsAtOnce, (pk) => this.#dynamo.query("index", "events", pk)),
      this.#dynamo.getAll(
        "index",
        "events",
        wanted.filter(({ pk }) => !isStretch(pk)).map(({ pk, sk }) => ({ pk, sk })),
      ),
    ]);
    const found = new Map([...inStretches.flat(), ...others].map((item) => [nameOf(item), item]));
    const wrong: Item[] = [];
    const twice: number[] = [];
    for (const item of wanted) {
      const there = found.get(nameOf(item));
      if (there !== undefined && isSame(item, there)) continue;
      const elsewhere = item.sk === storedSortKey && there !== undefined ? await placeElsewhere(item, there, holds) : null;
      if (elsewhere !== null && elsewhere < seqOfAlone(item)) twice.push(seqOfAlone(item));
      else wrong.push(item);
    }
    twice.push(...heldInEarlierBlocks(chunks, inStretches.flat(), first));
    await this.#dynamo.writeAll("index", "events", wrong);
    return { mended: wrong.length, twice };
  }

  /** Says that something of the index was made again. Only one process at a time does. */
  async countMend(): Promise<void> {
    const { mends } = await this.progress();
    await this.#dynamo.put("index", "events", { ...mendsKey, mends: mends + 1 });
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
const partitionsAtOnce = 8;

/** `twice`: for each event of the block that an earlier chunk holds, too, the chunk of the block. */
export type MendedBlock = { readonly mended: number; readonly twice: readonly number[] };

function isStretch(pk: string): boolean {
  return pk.startsWith("ids#");
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk} ${sk}`;
}

/** Whether an item says what it should; others may have put more beside it. */
function isSame(wanted: Item, there: Item): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const other = there[name];
    if (!(value instanceof Uint8Array)) return other === value;
    return other instanceof Uint8Array && Buffer.compare(value, other) === 0;
  });
}

function seqOfAlone(item: Item): number {
  const ids = new Map<KeyText, number>();
  addRun(ids, item);
  return ids.values().next().value ?? 0;
}

/** @returns the other chunk that holds the id of an item that lies alone; null when the item that is there does not name one */
async function placeElsewhere(wanted: Item, there: Item, holds: (seq: number, key: KeyText) => Promise<boolean>): Promise<number | null> {
  const [ids, others] = [new Map<KeyText, number>(), new Map<KeyText, number>()];
  addRun(ids, wanted);
  addRun(others, there);
  const [key] = ids.keys();
  const seq = others.get(key as KeyText);
  return seq !== undefined && seq !== ids.get(key as KeyText) && (await holds(seq, key as KeyText)) ? seq : null;
}

/** @returns for each id of a block that lies in a stretch and that an earlier block has, too, its chunk in the block */
function heldInEarlierBlocks(chunks: readonly IndexedChunk[], items: readonly Item[], firstSeq: number): readonly number[] {
  const earlier = new Map<KeyText, number>();
  for (const item of items) if ((item.first as number) < firstSeq) addRun(earlier, item);
  if (earlier.size === 0) return [];
  return chunks.flatMap(({ seq, stored }) => stored.filter((key) => earlier.has(key)).map(() => seq));
}

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
