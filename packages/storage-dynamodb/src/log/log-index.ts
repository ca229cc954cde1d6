import { tierMs } from "@trinity/aggregation/bucket";
import { overlapsAny } from "@trinity/aggregation/time-range";
import { mapConcurrently } from "@trinity/runtime/limiter";
import type { DaySpan } from "@trinity/storage/day-spans";
import type { ChunkRanges } from "@trinity/storage/event-store";
import { type Dynamo, type Item, type ItemKey, onlyOverOlder } from "../client/dynamo.ts";
import { slicesOf } from "../client/slices.ts";
import { sortable } from "../client/sort-key.ts";
import type { KeyText } from "./payload.ts";

/** What the index contains of one chunk. */
export type IndexedChunk = {
  readonly seq: number;
  readonly stored: readonly KeyText[];
  readonly refused: readonly { readonly key: KeyText; readonly code: string }[];
  readonly spans: readonly DaySpan[];
};

/** Where a key occurs: the chunk that stores its event, or else the last chunk that refused it. */
export type IdLocation = { readonly storedIn: number | null; readonly refusedIn: { readonly seq: number; readonly code: string } | null };

const progressKey = { pk: "index", sk: "mark" } as const;
const mendsKey = { pk: "index", sk: "mends" } as const;
const daysKey = "index#days";
/** A key, and a byte for its chunk: the offset in the block. */
const idBytes = 17;
const idsPerItem = 18_000;

/**
 * The index of the log: which chunks have which event keys and which days. A block of chunks is indexed at once, from the log alone, so every
 * process writes the same items and a repeated or delayed write has no effect.
 *
 * Time-ordered keys (UUID version 7) are grouped by bucket of 16 seconds: one item for each bucket and block, many keys a write unit. Every
 * other key is an item of its own.
 */
export class LogIndex {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** The last indexed chunk, and how often lost items were restored. Keys read before a restore may be incomplete. */
  async progress(): Promise<{ readonly throughSeq: number; readonly mends: number }> {
    const items = new Map((await this.#dynamo.query("index", "events", progressKey.pk)).map((item) => [item.sk, item]));
    const numberOf = (sk: string, name: string) => (items.get(sk)?.[name] as number | undefined) ?? 0;
    return { throughSeq: numberOf(progressKey.sk, "through"), mends: numberOf(mendsKey.sk, "mends") };
  }

  /** The last indexed chunk; all chunks before it are indexed. */
  async throughSeq(): Promise<number> {
    const item = await this.#dynamo.get("index", "events", progressKey);
    return (item?.through as number | undefined) ?? 0;
  }

  /** @param chunks one block, in order, the first that is not indexed yet */
  async write(chunks: readonly IndexedChunk[]): Promise<void> {
    const first = (chunks[0] as IndexedChunk).seq;
    const through = (chunks.at(-1) as IndexedChunk).seq;
    await this.#dynamo.writeAll("index", "events", [...idItems(chunks, first), ...dayItems(chunks, first)]);
    await this.#dynamo.putIf("index", "events", { ...progressKey, through }, onlyOverOlder(through));
  }

  /**
   * Compares the items of an indexed block with its chunks, and rewrites items that are missing or differ.
   * @param chunks all chunks of the block
   * @param isStoredIn whether a chunk of the log stores an event
   */
  async mend(chunks: readonly IndexedChunk[], isStoredIn: (seq: number, key: KeyText) => Promise<boolean>): Promise<MendedBlock> {
    const first = (chunks[0] as IndexedChunk).seq;
    const wanted = [...idItems(chunks, first), ...dayItems(chunks, first)];
    const idBuckets = [...new Set(wanted.map(({ pk }) => pk))].filter(isIdBucket);
    const [inIdBuckets, others] = await Promise.all([
      mapConcurrently(idBuckets, partitionsAtOnce, (pk) => this.#dynamo.query("index", "events", pk)),
      this.#dynamo.getAll(
        "index",
        "events",
        wanted.filter(({ pk }) => !isIdBucket(pk)).map(({ pk, sk }) => ({ pk, sk })),
      ),
    ]);
    const found = new Map([...inIdBuckets.flat(), ...others].map((item) => [nameOf(item), item]));
    const wrong: Item[] = [];
    const twice: number[] = [];
    for (const item of wanted) {
      const existing = found.get(nameOf(item));
      if (existing !== undefined && isSame(item, existing)) continue;
      const otherSeq = item.sk === storedSortKey && existing !== undefined ? await otherSeqOf(item, existing, isStoredIn) : null;
      if (otherSeq !== null && otherSeq < seqOfSingle(item)) twice.push(seqOfSingle(item));
      else wrong.push(item);
    }
    twice.push(...seqsOfRepeats(chunks, inIdBuckets.flat(), first));
    await this.#dynamo.writeAll("index", "events", wrong);
    return { mended: wrong.length, twice };
  }

  /** Counts that items were restored. Only one process at a time may call it. */
  async countMend(): Promise<void> {
    const { mends } = await this.progress();
    await this.#dynamo.put("index", "events", { ...mendsKey, mends: mends + 1 });
  }

  /** @returns the keys of a bucket with the chunks that store their events */
  async readIdBucket(idBucket: string): Promise<ReadonlyMap<KeyText, number>> {
    const ids = new Map<KeyText, number>();
    for (const item of await this.#dynamo.query("index", "events", idBucket)) addIdBlock(ids, item);
    return ids;
  }

  /** @param keys that are not time-ordered @returns those whose events are stored */
  async storedSingles(keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>> {
    const items = await this.#dynamo.getAll(
      "index",
      "events",
      keys.map((key) => ({ pk: partitionOfId(key), sk: storedSortKey })),
    );
    const partitions = new Set(items.map(({ pk }) => pk));
    return new Set(keys.filter((key) => partitions.has(partitionOfId(key))));
  }

  async find(key: KeyText): Promise<IdLocation> {
    let storedIn: number | null = null;
    let refusedIn: IdLocation["refusedIn"] = null;
    for (const item of await this.#dynamo.query("index", "events", partitionOfId(key))) {
      const ids = new Map<KeyText, number>();
      addIdBlock(ids, item);
      storedIn = ids.get(key) ?? storedIn;
      for (const { seq, code, key: refused } of refusalsOf(item)) if (refused === key) refusedIn = { seq, code };
    }
    return { storedIn, refusedIn };
  }

  /** @returns the chunks that may have events of the ranges, ascending */
  async seqsInRanges({ afterSeq, throughSeq, ranges }: ChunkRanges): Promise<readonly number[]> {
    const days = (await this.#dynamo.query("index", "events", daysKey)).map(({ sk }) => Number(sk));
    const wanted = days.filter((day) => overlapsAny(ranges, day * tierMs.day, (day + 1) * tierMs.day - 1));
    // Blocks have at most 256 chunks, since an offset is a byte. So earlier blocks end at or before `afterSeq`.
    const blocks = { from: sortable(Math.max(0, afterSeq - 255)), to: sortable(throughSeq) };
    const seqs = new Set<number>();
    await mapConcurrently(wanted, 8, async (day) => {
      for (const { spans } of await this.#dynamo.query("index", "events", dayPartition(day), blocks)) {
        for (const [seq, firstMs, lastMs] of JSON.parse(spans as string) as [number, number, number][]) {
          if (seq > afterSeq && seq <= throughSeq && overlapsAny(ranges, firstMs, lastMs)) seqs.add(seq);
        }
      }
    });
    return [...seqs].sort((a, b) => a - b);
  }
}

const storedSortKey = "0-stored";
const partitionsAtOnce = 8;

/** `twice`: the chunk in this block, once for each of its events that an earlier chunk stores as well. */
export type MendedBlock = { readonly mended: number; readonly twice: readonly number[] };

function isIdBucket(pk: string): boolean {
  return pk.startsWith("ids#");
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk} ${sk}`;
}

/** @returns whether a stored item has all wanted attributes; it may have others */
function isSame(wanted: Item, existing: Item): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const other = existing[name];
    if (!(value instanceof Uint8Array)) return other === value;
    return other instanceof Uint8Array && Buffer.compare(value, other) === 0;
  });
}

function seqOfSingle(item: Item): number {
  const ids = new Map<KeyText, number>();
  addIdBlock(ids, item);
  return ids.values().next().value ?? 0;
}

/** @returns the other chunk that stores the key of a single item; null when the stored item names none */
async function otherSeqOf(
  wanted: Item,
  existing: Item,
  isStoredIn: (seq: number, key: KeyText) => Promise<boolean>,
): Promise<number | null> {
  const [ids, others] = [new Map<KeyText, number>(), new Map<KeyText, number>()];
  addIdBlock(ids, wanted);
  addIdBlock(others, existing);
  const [key] = ids.keys();
  const seq = others.get(key as KeyText);
  return seq !== undefined && seq !== ids.get(key as KeyText) && (await isStoredIn(seq, key as KeyText)) ? seq : null;
}

/** @returns the chunk of each time-ordered key in the block that an earlier block has as well */
function seqsOfRepeats(chunks: readonly IndexedChunk[], items: readonly Item[], firstSeq: number): readonly number[] {
  const earlier = new Map<KeyText, number>();
  for (const item of items) if ((item.first as number) < firstSeq) addIdBlock(earlier, item);
  if (earlier.size === 0) return [];
  return chunks.flatMap(({ seq, stored }) => stored.filter((key) => earlier.has(key)).map(() => seq));
}

/** Few enough keys to read at once, many enough to share a write. */
const idBucketMs = 16_384;
const [earliestMs, latestMs] = [Date.UTC(2010, 0), Date.UTC(2100, 0)];

/** @returns the partition of a key's bucket; null for a key that is not time-ordered (RFC 9562, UUID version 7) */
export function idBucketOf(key: KeyText): string | null {
  const isVersion7 = key.charCodeAt(6) >>> 4 === 7 && key.charCodeAt(8) >>> 6 === 2;
  if (!isVersion7) return null;
  let atMs = 0;
  for (let i = 0; i < 6; i++) atMs = atMs * 256 + key.charCodeAt(i);
  return atMs >= earliestMs && atMs < latestMs ? `ids#${sortable(Math.floor(atMs / idBucketMs))}` : null;
}

function partitionOfId(key: KeyText): string {
  return idBucketOf(key) ?? `id#${Buffer.from(key, "latin1").toString("base64")}`;
}

/** The keys and refusals of one block of chunks in one partition. */
type IdBlock = { readonly ids: [key: KeyText, offset: number][]; readonly refusals: [key: string, seq: number, code: string][] };

function idItems(chunks: readonly IndexedChunk[], firstSeq: number): readonly Item[] {
  const idBlocks = new Map<string, IdBlock>();
  const idBlockAt = (partition: string): IdBlock => {
    let idBlock = idBlocks.get(partition);
    if (idBlock === undefined) idBlocks.set(partition, (idBlock = { ids: [], refusals: [] }));
    return idBlock;
  };
  for (const { seq, stored, refused } of chunks) {
    for (const key of stored) idBlockAt(partitionOfId(key)).ids.push([key, seq - firstSeq]);
    for (const { key, code } of refused)
      idBlockAt(partitionOfId(key)).refusals.push([Buffer.from(key, "latin1").toString("base64"), seq, code]);
  }
  return [...idBlocks].flatMap(([partition, idBlock]) => itemsOfIdBlock(partition, idBlock, firstSeq));
}

// The item of a single key is read without a query, so the block cannot be part of its sort key.
function itemsOfIdBlock(pk: string, { ids, refusals }: IdBlock, firstSeq: number): readonly Item[] {
  const block = sortable(firstSeq);
  const stored = slicesOf(ids, idsPerItem).map((slice, part) => ({
    pk,
    sk: pk.startsWith("id#") ? storedSortKey : `${block}#${part}`,
    first: firstSeq,
    ids: Buffer.concat(slice.map(([key, offset]) => Buffer.from(`${key}${String.fromCharCode(offset)}`, "latin1"))),
  }));
  const refused = slicesOf(refusals, 4_000).map((slice, part) => ({ pk, sk: `${block}#refused#${part}`, refused: JSON.stringify(slice) }));
  return [...stored, ...refused];
}

function addIdBlock(ids: Map<KeyText, number>, item: Item): void {
  if (item.ids === undefined) return;
  const bytes = item.ids as Uint8Array;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  for (let at = 0; at < text.length; at += idBytes) {
    ids.set(text.slice(at, at + idBytes - 1), (item.first as number) + text.charCodeAt(at + idBytes - 1));
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
