/** Values with fewer parts are written at once. */
const partsAtOnce = 1_000;

/** Writes a value as `JSON.stringify` does, piece by piece: a long answer is never one text. @param value of plain objects, arrays, text, numbers */
export function* jsonPieces(value: unknown): Generator<string> {
  if (partsOf(value, partsAtOnce) < partsAtOnce) yield JSON.stringify(value);
  else if (Array.isArray(value)) yield* arrayPieces(value);
  else yield* objectPieces(value as object);
}

function* arrayPieces(values: readonly unknown[]): Generator<string> {
  let before = "[";
  for (const value of values) {
    yield before;
    yield* jsonPieces(value ?? null);
    before = ",";
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
