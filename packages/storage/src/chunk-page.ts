/** A chunk whose number of events is known before it is read. */
export type SizedChunk<Chunk> = { readonly events: number; readonly read: () => Chunk };

/**
 * Takes chunks from the front up to `eventsMax` events, but at least one chunk.
 * A chunk without events counts as one event, so that pages of empty chunks are limited too.
 */
export function pageOf<Chunk>(chunks: Iterable<SizedChunk<Chunk>>, eventsMax: number): readonly Chunk[] {
  const page: Chunk[] = [];
  let left = eventsMax;
  for (const { events, read } of chunks) {
    left -= Math.max(1, events);
    if (left < 0 && page.length > 0) break;
    page.push(read());
  }
  return page;
}
