import { daySpansOf } from "@trinity/storage/day-spans";
import type { AppendBatch, AppendOutcome, EventKey, EventStatus } from "@trinity/storage/event-store";
import { receiptsOf } from "@trinity/storage/receipts-of";
import { type BlobFields, writeBlob } from "../client/blob.ts";
import type { Dynamo } from "../client/dynamo.ts";
import { SerialQueue } from "../client/serial-queue.ts";
import { readManifest } from "./complete-log.ts";
import { itemOfEntry, type LogEntry } from "./entry.ts";
import type { LogIndex } from "./log-index.ts";
import { encodeBody, type KeyText, keyTextOf, type LogBody } from "./payload.ts";
import type { LogReader } from "./reader.ts";
import type { LogTail } from "./tail.ts";

/** Small enough that a lost race for a place costs little, large enough that a few events take one write. */
const inlineBodyBytes = 3 * 1024;

type Writing = {
  readonly batch: AppendBatch;
  readonly keys: readonly KeyText[];
  readonly repeated: readonly boolean[];
  readonly body: LogBody;
};

/**
 * Appends batches. The body goes first, where nobody looks; then the entry takes the next place in the log, on the condition that nobody has.
 * Who loses the race reads what took the place, leaves out what is a repeat now, and tries the next one. So any number of processes append
 * to one log, and a lost answer is cleared up by looking whose the place is.
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

  /** @param process a text that no other process ever had */
  constructor(dynamo: Dynamo, reader: LogReader, index: LogIndex, tail: LogTail, process: string) {
    this.#dynamo = dynamo;
    this.#reader = reader;
    this.#index = index;
    this.#tail = tail;
    this.#process = process;
  }

  append(batch: AppendBatch): Promise<AppendOutcome> {
    if (batch.events.length === 0 && batch.refusals.length === 0) return Promise.resolve({ duplicate: [] });
    return this.#queue.run(() => this.#append(batch));
  }

  statusOf(key: EventKey): Promise<EventStatus> {
    return this.#queue.run(async () => {
      await this.#tail.catchUp();
      const text = keyTextOf(key);
      const { storedAtMs, refused } = this.#tail.placeOf(text);
      if (storedAtMs !== null) return { state: "stored", atMs: storedAtMs };
      const { storedIn, refusedIn } = await this.#index.find(text);
      if (storedIn !== null) return { state: "stored", atMs: await this.#receivedAtMs(storedIn) };
      if (refused !== null) return { state: "rejected", atMs: refused.atMs, reason: refused.code };
      if (refusedIn === null) return { state: "unknown" };
      return { state: "rejected", atMs: await this.#receivedAtMs(refusedIn.seq), reason: refusedIn.code };
    });
  }

  /** Resolves when nothing is under way any more. */
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
      const isRepeat = seen.has(key) || known.has(key) || this.#tail.holds(key);
      seen.add(key);
      return isRepeat;
    });
    const isNew = (_: unknown, i: number) => repeated[i] === false;
    const body: LogBody = {
      writer: `${this.#process}.${this.#writings++}`,
      keys: keys.filter(isNew),
      events: batch.events.filter(isNew).map(({ event }) => event),
      refused: batch.refusals.flatMap(({ key, code }) => (key === null ? [] : [{ key: keyTextOf(key), code }])),
    };
    const fields = await writeBlob(this.#dynamo, "log", "events", body.writer, encodeBody(body), inlineBodyBytes);
    const { seq, outcome } = await this.#place({ batch, keys, repeated, body }, fields);
    void this.#background.run(() => this.#queue.run(() => this.#tail.indexBlocks(seq))).catch(() => undefined); // a later append tries again
    return outcome;
  }

  async #place(writing: Writing, fields: BlobFields): Promise<{ readonly seq: number; readonly outcome: AppendOutcome }> {
    const { batch, keys, repeated, body } = writing;
    for (;;) {
      // What other processes have appended since the body was made may be among it.
      const late = body.keys.flatMap((key, i) => (this.#tail.holds(key) ? [i] : []));
      const duplicate = repeated.map((isRepeat, i) => isRepeat || this.#tail.holds(keys[i] as KeyText));
      const entry = entryOf(this.#tail.head + 1, batch, duplicate, body, late, fields);
      const put = await this.#dynamo.putIf("log", "events", itemOfEntry(entry), { expression: "attribute_not_exists(pk)" });
      if (put.written || put.found?.writer === body.writer) {
        this.#tail.add(entry, body);
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
  { writer, events }: LogBody,
  repeated: readonly number[],
  body: BlobFields,
): LogEntry {
  const left = new Set(repeated);
  const held = events.filter((_, i) => !left.has(i));
  const receipts = receiptsOf(batch, duplicate);
  return { seq, writer, receivedAtMs: batch.receivedAtMs, receipts, events: held.length, repeated, spans: daySpansOf(held), body };
}
