import type { LeaseStore } from "@trinity/storage/lease-store";
import { z } from "zod";

/** How far a shard has been delivered. */
export type ShardCheckpoint = {
  /** The last record delivered; null before the first. */
  readonly after: string | null;
  /** The shard is closed and was read to its end. */
  readonly finished: boolean;
};

const schema = z.object({ after: z.string().nullable(), finished: z.boolean() });
const atTheBeginning: ShardCheckpoint = { after: null, finished: false };

/** The name of the lease of a shard, and of its checkpoint. */
export function shardName(streamArn: string, shardId: string): string {
  return `connector/shard/${streamArn}/${shardId}`;
}

/** A checkpoint that cannot be read is treated as absent: repeated events count once. */
export async function readCheckpoint(leases: Pick<LeaseStore, "readRecord">, name: string): Promise<ShardCheckpoint> {
  const text = await leases.readRecord(name);
  if (text === null) return atTheBeginning;
  const parsed = schema.safeParse(parsedJson(text));
  return parsed.success ? parsed.data : atTheBeginning;
}

export function checkpointText(checkpoint: ShardCheckpoint): string {
  return JSON.stringify(checkpoint);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
