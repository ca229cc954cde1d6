/** How data is divided into items. Part of the stored format: all processes on the same tables need the same layout. */
export type Layout = {
  /** Chunks of the log in one block of the index. */
  readonly blockChunks: number;
  /** Deltas of the state that are due to be compacted, by number or by bytes. */
  readonly compactDeltas: number;
  readonly compactBytes: number;
  /** Partitions over which the pages of each kind of entity are spread. */
  readonly entityShards: number;
};

/** The layout that docs/scaling.md assumes. */
export const standardLayout: Layout = { blockChunks: 64, compactDeltas: 96, compactBytes: 4 * 1024 * 1024, entityShards: 4 };
