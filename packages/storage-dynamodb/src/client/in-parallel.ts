export function slicesOf<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/** Works on values concurrently. @param atOnce how many at once @returns the results in the order of the values */
export async function inParallel<Value, Result>(
  values: readonly Value[],
  atOnce: number,
  work: (value: Value) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(values.length);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < values.length; i = next++) results[i] = await work(values[i] as Value);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, values.length) }, lane));
  return results;
}
