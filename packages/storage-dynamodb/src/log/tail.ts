import { inParallel } from "../client/in-parallel.ts";
import type { Manifest } from "../state/manifest.ts";
import { isAnotherCommit, lacksCommit } from "./complete-log.ts";
import type { LogEntry } from "./entry.ts";
import { type LogIndex, stretchOf } from "./log-index.ts";
import { type KeyText, type LogBody, type RefusedKey } from "./payload.ts";
import type { LogReader } from "./reader.ts";

type TailChunk = { readonly entry: LogEntry; readonly stored: readonly KeyText[]; readonly refused: readonly RefusedKey[] };

const entriesAtOnce = 128;
/** Some 40 MB. A stretch of time without ids takes room, too. */
const idsKept = 400_000;
const roomOfStretch = 50;
const queriesAtOnce = 16;
/** So many blocks behind, whoever should have indexed them is given up. */
const blocksLeft = 3;

/**
 * What a process that appends knows of the log: which ids it holds. Chunks that are not indexed yet are remembered, the rest is looked up.
 * Only what a chunk of the log holds counts, and chunks come one after the other: whoever knows all of them up to its own place knows
 * exactly what is a repeat.
 */
export class LogTail {
  readonly #reader: LogReader;
  readonly #index: LogIndex;
  readonly #blockChunks: number;
  readonly #chunks = new Map<number, TailChunk>();
  readonly #storedIn = new Map<KeyText, number>();
  /** Ids of stretches of time that were read, kept up with what has been indexed since. */
  readonly #stretches = new Map<string, Map<KeyText, number>>();
  #indexedThrough = -1;
  #mends = 0;
  #head = 0;
  /** Who wrote the chunk at the head; null while only the index told of it. */
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
   * Reads on to the end of the log.
   * @throws {DamagedDataError} when the chunk that it ended with is not there any more: the log was restored to an older moment since
   */
  async catchUp(): Promise<void> {
    if (this.#indexedThrough < 0) this.#head = this.#indexedThrough = await this.#indexProgress();
    for (;;) {
      const entries = await this.#entriesAfterHead();
      const bodies = await inParallel(entries, queriesAtOnce, (entry) => this.#reader.bodyOf(entry));
      for (const [i, entry] of entries.entries()) this.add(entry, bodies[i] as LogBody);
      if (entries.length < entriesAtOnce) break;
    }
  }

  /** @throws {DamagedDataError} when more was counted than the log holds */
  async requireThrough({ watermark: mark }: Manifest): Promise<void> {
    if (this.#head >= mark.seq) return;
    // Others may have appended, and folded, since this process looked.
    await this.catchUp();
    if (this.#head < mark.seq) throw lacksCommit(mark.seq, "are counted");
  }

  /**
   * Forgets what somebody else has indexed meanwhile. Never between looking ids up in the index and taking a place in the log: what is
   * forgotten in between would be looked for in neither.
   */
  async forgetIndexed(): Promise<void> {
    if (this.#head - this.#indexedThrough >= 2 * this.#blockChunks) this.#forget(await this.#indexProgress());
  }

  /** @param entry follows the head; one that is known already changes nothing */
  add(entry: LogEntry, { keys, refused }: LogBody): void {
    if (entry.seq !== this.#head + 1) return;
    const repeated = new Set(entry.repeated);
    const stored = keys.filter((_, i) => !repeated.has(i));
    this.#head = entry.seq;
    this.#headWriter = entry.writer;
    this.#chunks.set(entry.seq, { entry, stored, refused });
    for (const key of stored) this.#storedIn.set(key, entry.seq);
  }

  holds(key: KeyText): boolean {
    return this.#storedIn.has(key);
  }

  /** The chunk that a writer's writing became, if it is among those not indexed yet. */
  entryBy(writer: string): LogEntry | null {
    for (const { entry } of this.#chunks.values()) if (entry.writer === writer) return entry;
    return null;
  }

  /** @returns those of the ids that the indexed part of the log holds */
  async indexed(keys: Iterable<KeyText>): Promise<ReadonlySet<KeyText>> {
    const alone: KeyText[] = [];
    const byStretch = new Map<string, KeyText[]>();
    for (const key of keys) {
      const stretch = stretchOf(key);
      if (stretch === null) alone.push(key);
      else byStretch.set(stretch, [...(byStretch.get(stretch) ?? []), key]);
    }
    if (this.#indexedThrough === 0) return new Set();
    const [storedAlone, stretches] = await Promise.all([
      this.#index.storedAlone(alone),
      inParallel([...byStretch], queriesAtOnce, async ([stretch, inIt]) => {
        const ids = await this.#stretch(stretch);
        return inIt.filter((key) => ids.has(key));
      }),
    ]);
    return new Set([...storedAlone, ...stretches.flat()]);
  }

  /** What is known of an id without looking it up. */
  placeOf(key: KeyText): { readonly storedAtMs: number | null; readonly refused: { readonly atMs: number; readonly code: string } | null } {
    const seq = this.#storedIn.get(key);
    const storedAtMs = seq === undefined ? null : (this.#chunks.get(seq) as TailChunk).entry.receivedAtMs;
    let refused: { readonly atMs: number; readonly code: string } | null = null;
    for (const chunk of this.#chunks.values()) {
      for (const { key: other, code } of chunk.refused) if (other === key) refused = { atMs: chunk.entry.receivedAtMs, code };
    }
    return { storedAtMs, refused };
  }

  /**
   * Indexes the blocks that this process should: those whose last chunk it wrote, and those that others have left for long. When two do the same
   * at the same time, nothing comes of it but the work.
   * @param written a chunk of its own
   */
  async indexBlocks(written: number): Promise<void> {
    const isOwn = written % this.#blockChunks === 0;
    if (!isOwn && this.#head - this.#indexedThrough < blocksLeft * this.#blockChunks) return;
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

  // The chunk at the head is read once more, in the same query: what is appended to a log that no longer holds it would leave a gap.
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
    // What was read of it may be what was lost.
    if (mends !== this.#mends) this.#stretches.clear();
    this.#mends = mends;
    return throughSeq;
  }

  async #stretch(stretch: string): Promise<ReadonlyMap<KeyText, number>> {
    const known = this.#stretches.get(stretch);
    if (known !== undefined) return known;
    const ids = new Map(await this.#index.readStretch(stretch));
    this.#stretches.set(stretch, ids);
    this.#dropOldStretches();
    return ids;
  }

  #dropOldStretches(): void {
    const roomOf = ({ size }: { readonly size: number }) => size + roomOfStretch;
    let room = [...this.#stretches.values()].reduce((sum, ids) => sum + roomOf(ids), 0);
    for (const [stretch, ids] of this.#stretches) {
      if (room <= idsKept || this.#stretches.size === 1) return;
      this.#stretches.delete(stretch);
      room -= roomOf(ids);
    }
  }

  /** @param indexedSeq the end of a block; blocks of which not all is read yet are still remembered */
  #forget(indexedSeq: number): void {
    const throughSeq = Math.min(indexedSeq, Math.floor(this.#head / this.#blockChunks) * this.#blockChunks);
    for (let seq = this.#indexedThrough + 1; seq <= throughSeq; seq++) {
      for (const key of this.#chunks.get(seq)?.stored ?? []) {
        this.#storedIn.delete(key);
        this.#stretches.get(stretchOf(key) ?? "")?.set(key, seq);
      }
      this.#chunks.delete(seq);
    }
    this.#indexedThrough = Math.max(this.#indexedThrough, throughSeq);
    this.#dropOldStretches();
  }
}
