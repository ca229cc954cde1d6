import { SerialQueue } from "@trinity/runtime/serial-queue";
import { daySpansOf } from "@trinity/storage/day-spans";
import type { AppendBatch, AppendOutcome, EventKey, EventStatus } from "@trinity/storage/event-store";
import { receiptsOf } from "@trinity/storage/receipts-of";
import { type BlobFields, writeBlob } from "../client/blob.ts";
import type { Dynamo } from "../client/dynamo.ts";
import { readManifest } from "../state/manifest.ts";
import { itemOfEntry, type LogEntry } from "./entry.ts";
import type { LogIndex } from "./log-index.ts";
import { encodePayload, type KeyText, keyTextOf, type LogPayload } from "./payload.ts";
import type { LogReader } from "./reader.ts";
import type { LogTail } from "./tail.ts";

/** Small enough that a lost race for a slot costs little, large enough that a few events take one write. */
const inlinePayloadBytes = 3 * 1024;

type Writing = {
  readonly batch: AppendBatch;
  readonly keys: readonly KeyText[];
  readonly repeated: readonly boolean[];
  readonly payload: LogPayload;
};

/**
 * Appends batches. It writes the payload first (not visible yet), then claims the next log slot with a conditional put of the entry. A writer that
 * loses the race reads the winner's chunk, marks events that are repeats now, and tries the next slot. After a lost response, the writer in the
 * slot tells whether the put succeeded.
 */
export class LogWriter {
  readonly #dynamo: Dynamo;
  readonly #reader: LogReader;
  readonly #index: LogIndex;
  readonly #tail: LogTail;
  readonly #process: string;
  readonly #queue = new SerialQueue();
  readonly #background = new SerialQueue();
  #writings = 0;

  /** @param process unique for every process */
  constructor(dynamo: Dynamo, reader: LogReader, index: LogIndex, tail: LogTail, process: string) {
    this.#dynamo = dynamo;
    this.#reader = reader;
    this.#index = index;
    this.#tail = tail;
    this.#process = process;
  }

  append(batch: AppendBatch): Promise<AppendOutcome> {
    if (batch.events.length === 0 && batch.rejections.length === 0) return Promise.resolve({ duplicate: [] });
    return this.#queue.run(() => this.#append(batch));
  }

  statusOf(key: EventKey): Promise<EventStatus> {
    return this.#queue.run(async () => {
      await this.#tail.catchUp();
      const text = keyTextOf(key);
      const { storedAtMs, refused } = this.#tail.unindexedStatusOf(text);
      if (storedAtMs !== null) return { state: "stored", atMs: storedAtMs };
      const { storedIn, refusedIn } = await this.#index.find(text);
      if (storedIn !== null) return { state: "stored", atMs: await this.#receivedAtMs(storedIn) };
      if (refused !== null) return { state: "rejected", atMs: refused.atMs, reason: refused.code };
      if (refusedIn === null) return { state: "unknown" };
      return { state: "rejected", atMs: await this.#receivedAtMs(refusedIn.seq), reason: refusedIn.code };
    });
  }

  /** Resolves when all work that was started is done. */
  async settled(): Promise<void> {
    await this.#queue.settled();
    await this.#background.settled();
  }

  async #append(batch: AppendBatch): Promise<AppendOutcome> {
    const [manifest] = await Promise.all([readManifest(this.#dynamo), this.#tail.catchUp()]);
    await this.#tail.requireThrough(manifest);
    await this.#tail.forgetIndexed();
    const keys = batch.events.map(({ key }) => keyTextOf(key));
    const known = await this.#tail.indexed(new Set(keys));
    const seen = new Set<KeyText>();
    const repeated = keys.map((key) => {
      const isRepeat = seen.has(key) || known.has(key) || this.#tail.has(key);
      seen.add(key);
      return isRepeat;
    });
    const isNew = (_: unknown, i: number) => repeated[i] === false;
    const payload: LogPayload = {
      writer: `${this.#process}.${this.#writings++}`,
      keys: keys.filter(isNew),
      events: batch.events.filter(isNew).map(({ event }) => event),
      refused: batch.rejections.flatMap(({ key, code }) => (key === null ? [] : [{ key: keyTextOf(key), code }])),
    };
    const fields = await writeBlob(this.#dynamo, "log", "events", payload.writer, encodePayload(payload), inlinePayloadBytes);
    const { seq, outcome } = await this.#claimSlot({ batch, keys, repeated, payload }, fields);
    void this.#background.run(() => this.#queue.run(() => this.#tail.indexBlocks(seq))).catch(() => undefined); // a later append tries again
    return outcome;
  }

  async #claimSlot(writing: Writing, fields: BlobFields): Promise<{ readonly seq: number; readonly outcome: AppendOutcome }> {
    const { batch, keys, repeated, payload } = writing;
    for (;;) {
      // Other processes may have appended some of these events since the payload was written.
      const late = payload.keys.flatMap((key, i) => (this.#tail.has(key) ? [i] : []));
      const duplicate = repeated.map((isRepeat, i) => isRepeat || this.#tail.has(keys[i] as KeyText));
      const entry = entryOf(this.#tail.head + 1, batch, duplicate, payload, late, fields);
      const put = await this.#dynamo.putIf("log", "events", itemOfEntry(entry), { expression: "attribute_not_exists(pk)" });
      if (put.written || put.found?.writer === payload.writer) {
        this.#tail.add(entry, payload);
        return { seq: entry.seq, outcome: { duplicate } };
      }
      await this.#tail.catchUp();
    }
  }

  async #receivedAtMs(seq: number): Promise<number> {
    const [entry] = await this.#reader.entriesOf([seq]);
    return (entry as LogEntry).receivedAtMs;
  }
}

function entryOf(
  seq: number,
  batch: AppendBatch,
  duplicate: readonly boolean[],
  { writer, events }: LogPayload,
  repeated: readonly number[],
  payload: BlobFields,
): LogEntry {
  const repeats = new Set(repeated);
  const stored = events.filter((_, i) => !repeats.has(i));
  const receipts = receiptsOf(batch, duplicate);
  return { seq, writer, receivedAtMs: batch.receivedAtMs, receipts, events: stored.length, repeated, spans: daySpansOf(stored), payload };
}
