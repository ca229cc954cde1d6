import { mapConcurrently } from "@trinity/runtime/limiter";
import { isAnotherCommit, lacksCommit } from "../restored-tables.ts";
import type { Manifest } from "../state/manifest.ts";
import type { LogEntry } from "./entry.ts";
import { idBucketOf, type LogIndex } from "./log-index.ts";
import { type KeyText, type LogPayload, type RefusedKey } from "./payload.ts";
import type { LogReader } from "./reader.ts";

type TailChunk = { readonly entry: LogEntry; readonly stored: readonly KeyText[]; readonly refused: readonly RefusedKey[] };

const entriesAtOnce = 128;
/** Some 40 MB. An empty bucket counts as 50 keys. */
const idsKept = 400_000;
const idsOfEmptyBucket = 50;
const queriesAtOnce = 16;
/** When the index is this far behind, its writer has probably crashed and any process may index. */
const blocksUntilTakeover = 3;

/**
 * Finds repeats for a writer. Keys of chunks that are not indexed yet are in memory, the others are read from the index. Chunks are ordered, so
 * a writer that has read every chunk before its slot knows exactly which events are repeats.
 */
export class LogTail {
  readonly #reader: LogReader;
  readonly #index: LogIndex;
  readonly #blockChunks: number;
  readonly #chunks = new Map<number, TailChunk>();
  readonly #storedIn = new Map<KeyText, number>();
  /** Keys of buckets that were read, with what was indexed since. */
  readonly #idBuckets = new Map<string, Map<KeyText, number>>();
  #indexedThrough = -1;
  #mends = 0;
  #head = 0;
  /** The writer of the chunk at the head; null until its entry is read. */
  #headWriter: string | null = null;

  constructor(reader: LogReader, index: LogIndex, blockChunks: number) {
    this.#reader = reader;
    this.#index = index;
    this.#blockChunks = blockChunks;
  }

  get head(): number {
    return this.#head;
  }

  /**
   * Reads to the end of the log.
   * @throws {DamagedDataError} when the chunk at the head is missing, because the log was restored to an older moment
   */
  async catchUp(): Promise<void> {
    if (this.#indexedThrough < 0) this.#head = this.#indexedThrough = await this.#indexProgress();
    for (;;) {
      const entries = await this.#entriesAfterHead();
      const payloads = await mapConcurrently(entries, queriesAtOnce, (entry) => this.#reader.payloadOf(entry));
      for (const [i, entry] of entries.entries()) this.add(entry, payloads[i] as LogPayload);
      if (entries.length < entriesAtOnce) break;
    }
  }

  /** @throws {DamagedDataError} when the log ends before the watermark */
  async requireThrough({ watermark }: Manifest): Promise<void> {
    if (this.#head >= watermark.seq) return;
    // Other processes may have appended and folded since the last look.
    await this.catchUp();
    if (this.#head < watermark.seq) throw lacksCommit(watermark.seq, "are counted");
  }

  /**
   * Drops chunks that other processes have indexed. Must not run between looking keys up in the index and claiming a slot: a key that moves
   * in between would be found in neither.
   */
  async forgetIndexed(): Promise<void> {
    if (this.#head - this.#indexedThrough >= 2 * this.#blockChunks) this.#forget(await this.#indexProgress());
  }

  /** @param entry the one after the head; any other is ignored */
  add(entry: LogEntry, { keys, refused }: LogPayload): void {
    if (entry.seq !== this.#head + 1) return;
    const repeated = new Set(entry.repeated);
    const stored = keys.filter((_, i) => !repeated.has(i));
    this.#head = entry.seq;
    this.#headWriter = entry.writer;
    this.#chunks.set(entry.seq, { entry, stored, refused });
    for (const key of stored) this.#storedIn.set(key, entry.seq);
  }

  has(key: KeyText): boolean {
    return this.#storedIn.has(key);
  }

  /** The entry of an append, if it is not indexed yet. */
  entryBy(writer: string): LogEntry | null {
    for (const { entry } of this.#chunks.values()) if (entry.writer === writer) return entry;
    return null;
  }

  /** @returns those of the keys whose events are in indexed chunks */
  async indexed(keys: Iterable<KeyText>): Promise<ReadonlySet<KeyText>> {
    const singles: KeyText[] = [];
    const byIdBucket = new Map<string, KeyText[]>();
    for (const key of keys) {
      const idBucket = idBucketOf(key);
      if (idBucket === null) singles.push(key);
      else byIdBucket.set(idBucket, [...(byIdBucket.get(idBucket) ?? []), key]);
    }
    if (this.#indexedThrough === 0) return new Set();
    const [storedSingles, idBuckets] = await Promise.all([
      this.#index.storedSingles(singles),
      mapConcurrently([...byIdBucket], queriesAtOnce, async ([idBucket, inIt]) => {
        const ids = await this.#idBucketAt(idBucket);
        return inIt.filter((key) => ids.has(key));
      }),
    ]);
    return new Set([...storedSingles, ...idBuckets.flat()]);
  }

  /** The status of a key in chunks that are not indexed yet. */
  unindexedStatusOf(key: KeyText): {
    readonly storedAtMs: number | null;
    readonly refused: { readonly atMs: number; readonly code: string } | null;
  } {
    const seq = this.#storedIn.get(key);
    const storedAtMs = seq === undefined ? null : (this.#chunks.get(seq) as TailChunk).entry.receivedAtMs;
    let refused: { readonly atMs: number; readonly code: string } | null = null;
    for (const chunk of this.#chunks.values()) {
      for (const { key: other, code } of chunk.refused) if (other === key) refused = { atMs: chunk.entry.receivedAtMs, code };
    }
    return { storedAtMs, refused };
  }

  /**
   * Indexes blocks whose last chunk this process wrote, and blocks that have waited too long for their writer. Two processes may index the same block:
   * they write the same items.
   * @param written the chunk that this process just wrote
   */
  async indexBlocks(written: number): Promise<void> {
    const isOwn = written % this.#blockChunks === 0;
    if (!isOwn && this.#head - this.#indexedThrough < blocksUntilTakeover * this.#blockChunks) return;
    this.#forget(await this.#indexProgress());
    while (this.#head - this.#indexedThrough >= this.#blockChunks) {
      const first = this.#indexedThrough + 1;
      const chunks = Array.from({ length: this.#blockChunks }, (_, i) => {
        const { entry, stored, refused } = this.#chunks.get(first + i) as TailChunk;
        return { seq: entry.seq, spans: entry.spans, stored, refused };
      });
      await this.#index.write(chunks);
      this.#forget(first + this.#blockChunks - 1);
    }
  }

  // The same query reads the chunk at the head again. Appending to a log that lost it would leave a gap.
  async #entriesAfterHead(): Promise<readonly LogEntry[]> {
    if (this.#head === 0) return this.#reader.entriesAfter(0, entriesAtOnce);
    const [known, ...entries] = await this.#reader.entriesAfter(this.#head - 1, entriesAtOnce + 1);
    if (known === undefined) throw lacksCommit(this.#head, "were acknowledged");
    this.#headWriter ??= known.writer;
    if (known.writer !== this.#headWriter) throw isAnotherCommit(this.#head, "acknowledged");
    return entries;
  }

  async #indexProgress(): Promise<number> {
    const { throughSeq, mends } = await this.#index.progress();
    // Buckets that were read may lack keys that were restored since.
    if (mends !== this.#mends) this.#idBuckets.clear();
    this.#mends = mends;
    return throughSeq;
  }

  async #idBucketAt(idBucket: string): Promise<ReadonlyMap<KeyText, number>> {
    const known = this.#idBuckets.get(idBucket);
    if (known !== undefined) return known;
    const ids = new Map(await this.#index.readIdBucket(idBucket));
    this.#idBuckets.set(idBucket, ids);
    this.#dropOldIdBuckets();
    return ids;
  }

  #dropOldIdBuckets(): void {
    const sizeOf = ({ size }: { readonly size: number }) => size + idsOfEmptyBucket;
    let total = [...this.#idBuckets.values()].reduce((sum, ids) => sum + sizeOf(ids), 0);
    for (const [idBucket, ids] of this.#idBuckets) {
      if (total <= idsKept || this.#idBuckets.size === 1) return;
      this.#idBuckets.delete(idBucket);
      total -= sizeOf(ids);
    }
  }

  /** @param indexedSeq the end of an indexed block. Blocks that are not completely read stay in memory */
  #forget(indexedSeq: number): void {
    const throughSeq = Math.min(indexedSeq, Math.floor(this.#head / this.#blockChunks) * this.#blockChunks);
    for (let seq = this.#indexedThrough + 1; seq <= throughSeq; seq++) {
      for (const key of this.#chunks.get(seq)?.stored ?? []) {
        this.#storedIn.delete(key);
        this.#idBuckets.get(idBucketOf(key) ?? "")?.set(key, seq);
      }
      this.#chunks.delete(seq);
    }
    this.#indexedThrough = Math.max(this.#indexedThrough, throughSeq);
    this.#dropOldIdBuckets();
  }
}
