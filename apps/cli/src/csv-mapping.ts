import { FileError } from "./event-file.ts";

/**
 * How a row becomes an event: the path of a field, and the source of its value.
 * `=text` is that text in every row; `column` is the column's text; `column:number`, `column:seconds` and `column:list` read it as a number,
 * as Unix seconds, and as a list separated by `|`.
 */
export type ColumnMapping = ReadonlyMap<string, string>;

type ColumnType = "text" | "number" | "seconds" | "list";

/** Each answers `null` for a text that it cannot read. */
const columnTypes: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  text: (text) => text,
  number: numberOf,
  seconds: (text) => {
    const seconds = numberOf(text);
    return seconds === null ? null : Math.round(seconds * 1_000);
  },
  list: (text) => text.split("|").filter((part) => part !== ""),
};

function numberOf(text: string): number | null {
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

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

/** @throws {FileError} when a column of the mapping is missing in the header, or occurs twice */
export function requireColumns(header: readonly string[], mapping: ColumnMapping): void {
  for (const [field, source] of mapping) {
    if (source.startsWith("=")) continue;
    const { column } = readingOf(source);
    const times = header.filter((name) => name === column).length;
    if (times === 0) throw new FileError(`line 1 has no column ${column}, which --map names for ${field}; it has ${header.join(", ")}`);
    if (times > 1)
      throw new FileError(`line 1 has the column ${column} ${times} times, and --map names it for ${field}: rename all but one`);
  }
}

/**
 * An empty cell is an absent field.
 * @param line of the file, for error messages
 * @throws {FileError} for a cell that is no number although the mapping requires one
 */
export function eventOfRow(row: Readonly<Record<string, string>>, mapping: ColumnMapping, line = 1): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [path, source] of mapping) {
    const value = valueOf(row, source);
    if (value === undefined) continue;
    if (value === null)
      throw new FileError(`line ${line}, column ${readingOf(source).column}: is no number, as --map ${path}=${source} says`);
    const names = path.split(".");
    const leaf = names.pop() as string;
    const parent = names.reduce<Record<string, unknown>>((object, name) => (object[name] ??= {}) as Record<string, unknown>, event);
    parent[leaf] = value;
  }
  return event;
}

function valueOf(row: Readonly<Record<string, string>>, source: string): unknown {
  if (source.startsWith("=")) return source.slice(1);
  const { column, columnType } = readingOf(source);
  const text = row[column];
  return text === undefined || text === "" ? undefined : columnTypes[columnType](text);
}

function readingOf(source: string): { readonly column: string; readonly columnType: ColumnType } {
  const at = source.lastIndexOf(":");
  const columnType = source.slice(at + 1);
  const isColumnType = at !== -1 && Object.hasOwn(columnTypes, columnType);
  return isColumnType ? { column: source.slice(0, at), columnType: columnType as ColumnType } : { column: source, columnType: "text" };
}
