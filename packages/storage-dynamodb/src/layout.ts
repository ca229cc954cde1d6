/** How data is cut into items. Part of what is stored: every process on the same tables must go by the same. */
export type Layout = {
  /** Chunks of the log that are indexed together. */
  readonly blockChunks: number;
  /** Steps of the state that are put into pages together: so many, or fewer that have so many bytes. */
  readonly compactSteps: number;
  readonly compactBytes: number;
  /** Partitions that the pages of each kind of entity are spread over. */
  readonly entityShards: number;
};

/** What docs/scaling.md counts with. */
export const standardLayout: Layout = { blockChunks: 64, compactSteps: 96, compactBytes: 4 * 1024 * 1024, entityShards: 4 };
