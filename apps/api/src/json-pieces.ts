/** Values with fewer parts are written at once. */
const partsAtOnce = 1_000;

/** Writes a value as `JSON.stringify` does, piece by piece: a long answer is never one text. @param value of plain objects, arrays, text, numbers */
export function* jsonPieces(value: unknown): Generator<string> {
  if (partsOf(value, partsAtOnce) < partsAtOnce) yield JSON.stringify(value);
  else if (Array.isArray(value)) yield* arrayPieces(value);
  else yield* objectPieces(value as object);
}

/** Items of few parts are written together: to pass on each by itself takes longer than to write it. */
function* arrayPieces(values: readonly unknown[]): Generator<string> {
  yield "[";
  for (let first = 0, end = 0; first < values.length; first = end) {
    let parts = partsOf(values[end++], partsAtOnce);
    while (end < values.length && (parts += partsOf(values[end], partsAtOnce)) < partsAtOnce) end += 1;
    if (first > 0) yield ",";
    if (end - first === 1) yield* jsonPieces(values[first] ?? null);
    else yield JSON.stringify(values.slice(first, end)).slice(1, -1);
  }
  yield "]";
}

function* objectPieces(value: object): Generator<string> {
  let before = "{";
  for (const [name, property] of Object.entries(value)) {
    if (property === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* jsonPieces(property);
    before = ",";
  }
  yield "}";
}

/** @returns how many values there are in one, itself included: no more than `max` are counted */
export function partsOf(value: unknown, max: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let parts = 1;
  for (const one of Array.isArray(value) ? value : Object.values(value)) {
    if (parts >= max) break;
    parts += partsOf(one, max - parts);
  }
  return parts;
}
