import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { readableShards, type Shard } from "@trinity/trinity-connector/shard-order";
import { type LeaseSettings, underLease } from "./held-lease.ts";
import { checkpointText, readCheckpoint, shardName } from "./shard-checkpoint.ts";
import { readShard, type ShardOutcome, type ShardReaderSettings } from "./shard-reader.ts";
import { listShards } from "./stream-shards.ts";

export type SourceStream = { readonly tableName: string; readonly streamArn: string };

export type ShardCrewSettings = {
  readonly streams: Pick<DynamoDBStreamsClient, "send">;
  readonly lease: LeaseSettings;
  readonly reader: ShardReaderSettings;
  /** So many shards at once; the rest is left to other processes. */
  readonly shardsMax: number;
  /** A shard has come to its end: its children may be read now. */
  readonly onFinished: () => void;
};

export type ShardCrew = {
  /** Begins to read whatever may be read and nobody reads yet. */
  attend(streams: readonly SourceStream[], signal: AbortSignal): Promise<void>;
  /** How many shards are read by this process. */
  reading(): number;
  /** Resolves when all readers have ended, after the signal they were started with was aborted. */
  ended(): Promise<void>;
};

/** Reads shards, each under a lease of its own, parents before children. */
export function createShardCrew({ streams, lease, reader, shardsMax, onFinished }: ShardCrewSettings): ShardCrew {
  const running = new Map<string, Promise<void>>();
  /** By name, and only of shards that their stream still has. */
  let finished: ReadonlySet<string> = new Set();

  async function attendStream({ tableName, streamArn }: SourceStream, signal: AbortSignal): Promise<readonly string[]> {
    const shards = await listShards(streams, streamArn, signal);
    const done = await finishedOf(streamArn, shards);
    for (const { shardId } of readableShards(shards, done)) {
      const name = shardName(streamArn, shardId);
      if (running.has(name) || running.size >= shardsMax) continue;
      running.set(name, read({ tableName, streamArn, shardId, name }, signal));
    }
    return [...done].map((shardId) => shardName(streamArn, shardId));
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

  async function read(source: Parameters<typeof readShard>[0], signal: AbortSignal): Promise<void> {
    try {
      const outcome = await underLease(source.name, lease, signal, async (held, working): Promise<ShardOutcome> => {
        // Only now: whoever held the lease before may have moved the checkpoint until a moment ago.
        const checkpoint = await readCheckpoint(lease.leases, source.name);
        if (checkpoint.finished) return "finished";
        const ended = await readShard(source, checkpoint, held, reader, working);
        if (ended === "gone") await held.write(source.name, checkpointText({ ...checkpoint, finished: true }));
        return ended;
      });
      if (outcome === "finished" || outcome === "gone") onFinished();
    } catch (error) {
      reader.onEvent({ kind: "failed", error });
    } finally {
      running.delete(source.name);
    }
  }

  return {
    async attend(sources, signal) {
      const results = await Promise.allSettled(sources.map((source) => attendStream(source, signal)));
      finished = new Set(results.flatMap((result) => (result.status === "fulfilled" ? result.value : [])));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
    reading: () => running.size,
    ended: async () => void (await Promise.allSettled(running.values())),
  };
}
