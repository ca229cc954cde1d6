/**
 * Reads sources one after the other, in order, and prefetches the first value of the next few.
 * @param ahead how many sources are read ahead
 * @returns values with their source
 */
export async function* readAhead<Source, Value>(
  sources: readonly Source[],
  read: (source: Source) => AsyncIterator<Value>,
  ahead: number,
): AsyncGenerator<{ readonly from: Source; readonly value: Value }> {
  const begun: { readonly from: Source; readonly values: AsyncIterator<Value>; readonly first: Promise<IteratorResult<Value>> }[] = [];
  let next = 0;
  const begin = () => {
    const from = sources[next++] as Source;
    const values = read(from);
    const first = values.next();
    // Awaited later. Until then a failure must not count as an unhandled rejection.
    first.catch(() => undefined);
    begun.push({ from, values, first });
  };
  while (next < Math.min(ahead, sources.length)) begin();
  for (let current = begun.shift(); current !== undefined; current = begun.shift()) {
    if (next < sources.length) begin();
    const { from, values, first } = current;
    for (let result = await first; !result.done; result = await values.next()) yield { from, value: result.value };
  }
}
