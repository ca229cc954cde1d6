import { DescribeStreamCommand, type DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { Shard } from "@trinity/trinity-connector/shard-order";

/** @returns all shards that the stream still has, closed ones included */
export async function listShards(
  streams: Pick<DynamoDBStreamsClient, "send">,
  streamArn: string,
  signal: AbortSignal,
): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  for (let after: string | undefined; ; ) {
    const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after });
    const { StreamDescription } = await streams.send(command, { abortSignal: signal });
    for (const { ShardId, ParentShardId } of StreamDescription?.Shards ?? []) {
      if (ShardId !== undefined) shards.push({ shardId: ShardId, parentShardId: ParentShardId ?? null });
    }
    after = StreamDescription?.LastEvaluatedShardId;
    if (after === undefined) return shards;
  }
}
