/**
 * How a row becomes an event: the path of a field, and where its value comes from.
 * `=text` is that text in every row; `column` is the column's text; `column:number`, `column:seconds` and `column:list` read it as a number,
 * as Unix seconds, and as a list separated by `|`.
 */
export type ColumnMapping = ReadonlyMap<string, string>;

type Reading = "text" | "number" | "seconds" | "list";
const readings: Readonly<Record<Reading, (text: string) => unknown>> = {
  text: (text) => text,
  number: Number,
  seconds: (text) => Math.round(Number(text) * 1_000),
  list: (text) => text.split("|").filter((part) => part !== ""),
};

/** @throws {RangeError} for a mapping that is not `field=column` */
export function parseMapping(texts: readonly string[]): ColumnMapping {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new RangeError(`--map takes field=column, such as userId=user_id, not ${text}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** An empty cell is a field that is not there. */
export function eventOfRow(row: Readonly<Record<string, string>>, mapping: ColumnMapping): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [path, source] of mapping) {
    const value = valueOf(row, source);
    if (value === undefined) continue;
    const names = path.split(".");
    const leaf = names.pop() as string;
    const parent = names.reduce<Record<string, unknown>>((object, name) => (object[name] ??= {}) as Record<string, unknown>, event);
    parent[leaf] = value;
  }
  return event;
}

function valueOf(row: Readonly<Record<string, string>>, source: string): unknown {
  if (source.startsWith("=")) return source.slice(1);
  const at = source.lastIndexOf(":");
  const reading = at === -1 ? undefined : source.slice(at + 1);
  const isReading = reading !== undefined && Object.hasOwn(readings, reading);
  const text = row[isReading ? source.slice(0, at) : source];
  return text === undefined || text === "" ? undefined : readings[isReading ? (reading as Reading) : "text"](text);
}
