import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { type HeldLease, holdLease, type LeaseSettings } from "@trinity/storage/held-lease";
import { readableShards, type Shard } from "@trinity/trinity-connector/shard-order";
import { checkpointText, readCheckpoint, shardName } from "./shard-checkpoint.ts";
import { readShard, type ShardOutcome, type ShardReaderSettings, type ShardSource } from "./shard-reader.ts";
import { listShards } from "./stream-shards.ts";

type SourceStream = { readonly tableName: string; readonly streamArn: string };

export type ShardConsumerSettings = {
  readonly streams: Pick<DynamoDBStreamsClient, "send">;
  /** Each shard has a lease of its own name. */
  readonly lease: Omit<LeaseSettings, "name">;
  readonly reader: ShardReaderSettings;
  /** How many shards are read at once; other processes read the rest. */
  readonly shardsMax: number;
  /** Called when a shard was read to its end: its children may be read now. */
  readonly onFinished: () => void;
};

export type ShardConsumers = {
  /** Begins to read the shards that may be read and that no process reads yet. */
  assign(streams: readonly SourceStream[], signal: AbortSignal): Promise<void>;
  /** How many shards this process reads. */
  reading(): number;
  /** Resolves when all readers have ended, after the signal they were started with was aborted. */
  ended(): Promise<void>;
};

/** The shards of a stream that may be read now, and the names of those that were read to their end. */
type StreamLook = { readonly readable: readonly ShardSource[]; readonly finished: readonly string[] };

/** Reads shards, each under a lease of its own, parents before children. */
export function createShardConsumers({ streams, lease, reader, shardsMax, onFinished }: ShardConsumerSettings): ShardConsumers {
  const running = new Map<string, Promise<void>>();
  /** By name, and only of shards that their stream still has. */
  let finished: ReadonlySet<string> = new Set();

  async function lookAt({ tableName, streamArn }: SourceStream, signal: AbortSignal): Promise<StreamLook> {
    const shards = await listShards(streams, streamArn, signal);
    const done = await finishedOf(streamArn, shards);
    return {
      readable: readableShards(shards, done).map(({ shardId }) => ({ tableName, streamArn, shardId, name: shardName(streamArn, shardId) })),
      finished: [...done].map((shardId) => shardName(streamArn, shardId)),
    };
  }

  async function finishedOf(streamArn: string, shards: readonly Shard[]): Promise<ReadonlySet<string>> {
    const done = new Set<string>();
    for (const { shardId } of shards) {
      const name = shardName(streamArn, shardId);
      if (running.has(name)) continue;
      if (finished.has(name) || (await readCheckpoint(lease.leases, name)).finished) done.add(shardId);
    }
    return done;
  }

  /** Sequentially: shards that other processes have leased must not use up the limit. */
  async function take(sources: readonly ShardSource[], signal: AbortSignal): Promise<void> {
    for (const source of sources) {
      if (running.has(source.name)) continue;
      if (running.size >= shardsMax || signal.aborted) return;
      const held = await holdLease({ ...lease, name: source.name });
      if (held !== null) running.set(source.name, read(source, held, signal));
    }
  }

  async function read(source: ShardSource, held: HeldLease, signal: AbortSignal): Promise<void> {
    const outcome = await readOn(source, held, AbortSignal.any([signal, held.lost])).catch((error: unknown) => {
      reader.onEvent({ kind: "failed", error });
      return null;
    });
    await held.release();
    running.delete(source.name);
    if (outcome === "finished" || outcome === "gone") onFinished();
  }

  async function readOn(source: ShardSource, held: HeldLease, signal: AbortSignal): Promise<ShardOutcome> {
    // Read it only now: the former holder of the lease may have moved the checkpoint until a moment ago.
    const checkpoint = await readCheckpoint(lease.leases, source.name);
    if (checkpoint.finished) return "finished";
    const outcome = await readShard(source, checkpoint, held, reader, signal);
    if (outcome === "gone") await held.write(source.name, checkpointText({ ...checkpoint, finished: true }));
    return outcome;
  }

  return {
    async assign(sources, signal) {
      const results = await Promise.allSettled(sources.map((source) => lookAt(source, signal)));
      const looks = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
      finished = new Set(looks.flatMap((look) => look.finished));
      await take(
        looks.flatMap((look) => look.readable),
        signal,
      );
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
    reading: () => running.size,
    ended: async () => void (await Promise.allSettled(running.values())),
  };
}
