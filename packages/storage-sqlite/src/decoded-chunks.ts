import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { decodeChunk } from "@trinity/storage/chunk-body";
import { LRUCache } from "lru-cache";

type Decoded = { readonly body: Uint8Array; readonly chunk: LogChunk };

/** Two hours of the evening of a store that takes ten million events a month. Some 60 MiB, in the process that reads gaps. */
const eventsKept = 100_000;
/** Readers keep with a chunk what they found of it in the state, such as the numbers of its users. The state may be repaired. */
const keptForMs = 600_000;

/** Keeps the chunks that were read last. */
export class DecodedChunks {
  readonly #chunks: LRUCache<number, Decoded>;

  /** @param clock in milliseconds */
  constructor(eventsMax = eventsKept, clock: { now(): number } = performance) {
    const sizeCalculation = ({ chunk }: Decoded) => chunk.events.length + 1;
    this.#chunks = new LRUCache({ maxSize: eventsMax, sizeCalculation, ttl: keptForMs, ttlResolution: 0, perf: clock });
  }

  /**
   * @returns the chunk of these bytes, which may have been decoded before: bytes that changed are decoded anew
   * @throws {CorruptChunkError}
   */
  chunkOf(seq: number, body: Uint8Array): LogChunk {
    const known = this.#chunks.get(seq);
    if (known !== undefined && Buffer.compare(known.body, body) === 0) return known.chunk;
    const chunk = decodeChunk(seq, body);
    this.#chunks.set(seq, { body, chunk });
    return chunk;
  }
}
