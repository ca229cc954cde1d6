export type BatchLimits<T> = {
  readonly itemsMax: number;
  /** No batch is larger than this, unless a single item is. Unlimited by default. */
  readonly bytes?: { readonly max: number; of(item: T): number };
};

/** Cuts a stream into batches. If the stream fails, yields the items before the failure, then throws. */
export async function* batchesOf<T>(items: AsyncIterable<T> | Iterable<T>, { itemsMax, bytes }: BatchLimits<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let size = 0;
  try {
    for await (const item of items) {
      const itemSize = bytes?.of(item) ?? 0;
      const isFull = batch.length === itemsMax || (bytes !== undefined && size + itemSize > bytes.max);
      if (isFull && batch.length > 0) {
        yield batch;
        [batch, size] = [[], 0];
      }
      batch.push(item);
      size += itemSize;
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
