import { type _Record, type DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import { type Backoff, backoffMs } from "@trinity/runtime/backoff";
import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import type { Sleep } from "@trinity/runtime/sleep";
import type { HeldLease } from "@trinity/storage/held-lease";
import { type RecordDelivery, UndeliveredError } from "./record-delivery.ts";
import { checkpointText, type ShardCheckpoint } from "./shard-checkpoint.ts";
import { sourceFailureOf } from "./source-failure.ts";

export type ShardReaderSettings = {
  readonly streams: Pick<DynamoDBStreamsClient, "send">;
  readonly delivery: RecordDelivery;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Random;
  /** Pause after an answer without records. A shard allows five answers a second. */
  readonly idleMs: number;
  readonly onEvent: (event: ShardEvent) => void;
};

/** Events for the metrics. `trimmed`: records were lost, because they were older than the stream keeps. */
export type ShardEvent =
  | { readonly kind: "trimmed" | "expired_iterator" | "failed"; readonly error: unknown }
  | { readonly kind: "read"; readonly records: number; readonly behindMs: number };

export type ShardSource = { readonly tableName: string; readonly streamArn: string; readonly shardId: string; readonly name: string };

/** `finished`: read to its end; `gone`: the stream no longer has it; `lost`: another process reads it now. */
export type ShardOutcome = "finished" | "gone" | "lost" | "stopped";

const backoff: Backoff = { baseMs: 200, capMs: 20_000, jitter: "full" };

type Page = { readonly records: readonly _Record[]; readonly next: string | null };

/** Reads a shard from its checkpoint, delivers the records, and moves the checkpoint only over delivered ones. */
export async function readShard(
  source: ShardSource,
  from: ShardCheckpoint,
  lease: Pick<HeldLease, "write">,
  { streams, delivery, clock, sleep, random, idleMs, onEvent }: ShardReaderSettings,
  signal: AbortSignal,
): Promise<ShardOutcome> {
  let after = from.after;
  let iterator: string | null = null;
  let failures = 0;

  async function newIterator(): Promise<string | null> {
    const type = after === null ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER";
    const command = new GetShardIteratorCommand({
      StreamArn: source.streamArn,
      ShardId: source.shardId,
      ShardIteratorType: type,
      ...(after === null ? {} : { SequenceNumber: after }),
    });
    return (await streams.send(command, { abortSignal: signal })).ShardIterator ?? null;
  }

  async function nextPage(): Promise<Page> {
    iterator ??= await newIterator();
    if (iterator === null) return { records: [], next: null };
    const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }), { abortSignal: signal });
    return { records: page.Records ?? [], next: page.NextShardIterator ?? null };
  }

  /** @returns whether the checkpoint is still ours to move */
  async function deliver({ records, next }: Page): Promise<boolean> {
    if (records.length > 0) await delivery.deliver(source.tableName, records, signal);
    after = records.at(-1)?.dynamodb?.SequenceNumber ?? after;
    if (records.length > 0 || next === null) {
      if ((await lease.write(source.name, checkpointText({ after, finished: next === null }))) === "lost") return false;
    }
    iterator = next;
    onEvent({ kind: "read", records: records.length, behindMs: behindMs(records, clock.nowMs()) });
    return true;
  }

  /** @returns how reading the shard ends; null to read again from the checkpoint */
  async function recover(error: unknown): Promise<ShardOutcome | null> {
    iterator = null;
    const failure = error instanceof UndeliveredError ? "transient" : sourceFailureOf(error);
    if (failure === "gone") return "gone";
    if (failure === "trimmed") after = null; // the records in between are lost; the rest begins at the horizon
    onEvent({ kind: failure === "trimmed" || failure === "expired_iterator" ? failure : "failed", error });
    if (failure !== "trimmed" && failure !== "expired_iterator") await sleep(backoffMs(backoff, failures++, random), signal);
    return null;
  }

  while (!signal.aborted) {
    try {
      const page = await nextPage();
      if (!(await deliver(page))) return "lost";
      failures = 0;
      if (page.next === null) return "finished";
      if (page.records.length === 0) await sleep(idleMs, signal);
    } catch (error) {
      if (signal.aborted) return "stopped";
      const outcome = await recover(error).catch(() => "stopped" as const); // aborted while it paused
      if (outcome !== null) return outcome;
    }
  }
  return "stopped";
}

/** The age of the newest record at its delivery; 0 for an empty answer, because nothing waits. */
function behindMs(records: readonly _Record[], nowMs: number): number {
  const takenMs = records.at(-1)?.dynamodb?.ApproximateCreationDateTime?.getTime();
  return takenMs === undefined ? 0 : Math.max(0, nowMs - takenMs);
}
