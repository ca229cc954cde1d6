/** A DynamoDB attribute as plain data. Sets are sorted lists, because they have no order. Binary values are dropped: no event needs them. */
export type Value = string | number | boolean | null | readonly Value[] | Row;
/** A map rather than an object: an attribute may have the name `__proto__`. */
export type Row = ReadonlyMap<string, Value>;

/** DynamoDB nests no deeper. */
const depthMax = 32;

/**
 * Reads an image of attribute values, from the streams API, Lambda or a scan. Never throws: invalid attribute values are dropped.
 * @returns null if there is no image
 */
export function readImage(image: unknown): Row | null {
  return isObject(image) ? readAttributes(image, 0) : null;
}

/** @returns the same text for the same value, for any order of its maps */
export function canonicalText(value: Value): string {
  if (isRow(value)) {
    const attributes = [...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalText(inner)}`);
    return `{${attributes.join(",")}}`;
  }
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(canonicalText).join(",")}]`;
  return JSON.stringify(value);
}

export function isRow(value: Value | undefined): value is Row {
  return value instanceof Map;
}

function readAttributes(image: Readonly<Record<string, unknown>>, depth: number): Row {
  const row = new Map<string, Value>();
  for (const [name, attribute] of Object.entries(image)) {
    const value = readAttribute(attribute, depth);
    if (value !== undefined) row.set(name, value);
  }
  return row;
}

function readAttribute(attribute: unknown, depth: number): Value | undefined {
  if (!isObject(attribute) || depth > depthMax) return undefined;
  const { S, N, BOOL, NULL, L, M, SS, NS } = attribute;
  if (typeof S === "string") return S;
  if (typeof N === "string") return numberOf(N);
  if (typeof BOOL === "boolean") return BOOL;
  if (NULL === true) return null;
  if (Array.isArray(L)) return L.map((item) => readAttribute(item, depth + 1)).filter((item) => item !== undefined);
  if (isObject(M)) return readAttributes(M, depth + 1);
  if (Array.isArray(SS)) return SS.filter((item) => typeof item === "string").sort();
  if (Array.isArray(NS)) return numbersOf(NS);
  return undefined;
}

function numbersOf(items: readonly unknown[]): readonly number[] {
  const numbers = items.map((item) => (typeof item === "string" ? numberOf(item) : undefined));
  return numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
}

/** DynamoDB stores 38 digits. A number that JavaScript cannot represent is rounded; one beyond its range is dropped. */
function numberOf(text: string): number | undefined {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
