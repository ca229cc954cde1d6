/** A chunk on its way into a page: how many events it holds is known before they are read. */
export type SizedChunk<Chunk> = { readonly events: number; readonly read: () => Chunk };

/**
 * Takes chunks from the front until the page is full: at least one if there is one, then no more than hold `eventsMax` events.
 * A chunk without events counts as one, so that a page of them has an end too.
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
