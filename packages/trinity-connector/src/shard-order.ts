/** A shard of a stream: its records are ordered. Its parent had the earlier changes of the same rows. */
export type Shard = { readonly shardId: string; readonly parentShardId: string | null };

/**
 * The shards that may be read now: a child only after its parent, or a row's older change would follow its newer one. A parent that
 * the stream no longer lists was trimmed, and blocks no child.
 */
export function readableShards<S extends Shard>(shards: readonly S[], finished: ReadonlySet<string>): readonly S[] {
  const listed = new Set(shards.map(({ shardId }) => shardId));
  const waits = (parent: string | null) => parent !== null && listed.has(parent) && !finished.has(parent);
  return shards.filter(({ shardId, parentShardId }) => !finished.has(shardId) && !waits(parentShardId));
}
