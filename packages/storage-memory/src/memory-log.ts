import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { isInAny } from "@trinity/aggregation/time-range";
import { pageOf, type SizedChunk } from "@trinity/storage/chunk-page";
import type { AppendBatch, AppendOutcome, ChunkRanges, EventKey, EventStatus } from "@trinity/storage/event-store";
import { receiptsOf } from "@trinity/storage/receipts-of";

/** The log in memory: chunk `seq` is at index `seq - 1`. */
export class MemoryLog {
  readonly #chunks: LogChunk[] = [];
  readonly #receivedAtMs = new Map<string, number>();
  readonly #rejections = new Map<string, { readonly atMs: number; readonly code: string }>();

  append(batch: AppendBatch): AppendOutcome {
    const { receivedAtMs, events, rejections } = batch;
    if (events.length === 0 && rejections.length === 0) return { duplicate: [] };
    const duplicate = events.map(({ key }) => !this.#claim(key, receivedAtMs));
    const accepted = events.filter((_, i) => duplicate[i] === false).map(({ event }) => event);
    this.#chunks.push({ seq: this.headSeq() + 1, receivedAtMs, receipts: receiptsOf(batch, duplicate), events: accepted });
    for (const { key, code } of rejections) if (key !== null) this.#rejections.set(textOf(key), { atMs: receivedAtMs, code });
    return { duplicate };
  }

  statusOf(key: EventKey): EventStatus {
    const storedAtMs = this.#receivedAtMs.get(textOf(key));
    if (storedAtMs !== undefined) return { state: "stored", atMs: storedAtMs };
    const rejection = this.#rejections.get(textOf(key));
    return rejection === undefined ? { state: "unknown" } : { state: "rejected", atMs: rejection.atMs, reason: rejection.code };
  }

  headSeq(): number {
    return this.#chunks.length;
  }

  chunk(seq: number): LogChunk {
    return this.#chunks[seq - 1] as LogChunk;
  }

  readChunks(afterSeq: number, eventsMax: number): readonly LogChunk[] {
    return pageOf(this.#sized(afterSeq, this.headSeq()), eventsMax);
  }

  readChunksInRanges({ afterSeq, throughSeq, ranges }: ChunkRanges, eventsMax: number): readonly LogChunk[] {
    const isWanted = ({ events }: LogChunk) => events.some(({ timestampMs }) => isInAny(ranges, timestampMs));
    return pageOf(this.#sized(afterSeq, throughSeq, isWanted), eventsMax);
  }

  *#sized(afterSeq: number, throughSeq: number, isWanted = (_: LogChunk) => true): Generator<SizedChunk<LogChunk>> {
    for (let seq = afterSeq + 1; seq <= Math.min(throughSeq, this.headSeq()); seq++) {
      const chunk = this.chunk(seq);
      if (isWanted(chunk)) yield { events: chunk.events.length, read: () => chunk };
    }
  }

  /** @returns whether the key is new */
  #claim(key: EventKey, atMs: number): boolean {
    const text = textOf(key);
    if (this.#receivedAtMs.has(text)) return false;
    this.#receivedAtMs.set(text, atMs);
    return true;
  }
}

function textOf(key: EventKey): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
