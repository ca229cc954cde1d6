import { CsvError, parse } from "csv-parse";
import { type ColumnMapping, eventOfRow, requireColumns } from "./csv-mapping.ts";
import { FileError, openEventFile, readProblem } from "./event-file.ts";
import { lineBytesMax, utf8BlocksOf } from "./utf8-blocks.ts";

export type EventFile = { readonly path: string; readonly format: "jsonl" | "csv"; readonly mapping: ColumnMapping };

/** An event, and the number of its last line in the file. */
export type EventOfFile = { readonly line: number; readonly event: unknown };

/**
 * The events of a file in UTF-8, one after another. Iterating yields all events before the first line that cannot be read, then throws a
 * `FileError`. `bytesRead` is the position of the reader in the file.
 * @throws {FileError} for a path that is no readable file
 */
export function readEvents({ path, format, mapping }: EventFile): {
  events: AsyncIterable<EventOfFile>;
  bytesTotal: number;
  bytesRead: () => number;
} {
  const { bytes, bytesTotal, bytesRead } = openEventFile(path);
  const events = format === "csv" ? rowsOf(readable(bytes), mapping) : linesOf(readable(bytes));
  return { events, bytesTotal, bytesRead };
}

async function* readable(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw readProblem(error);
  }
}

async function* linesOf(text: AsyncIterable<Buffer>): AsyncGenerator<EventOfFile> {
  let line = 0;
  for await (const block of utf8BlocksOf(text)) {
    // Only the last block of a file may not end with a line feed.
    for (const content of block.replace(/\n$/, "").split("\n")) {
      line += 1;
      if (content.trim() !== "") yield { line, event: parsedLine(content, line) };
    }
  }
}

function parsedLine(content: string, line: number): unknown {
  let event: unknown;
  try {
    event = JSON.parse(content);
  } catch {
    throw new FileError(`line ${line} is not valid JSON: each line must be one event; jq -c . makes lines of JSON that spans several`);
  }
  if (Array.isArray(event)) throw new FileError(`line ${line} is a list: each line must be one event; jq -c '.[]' makes lines of a list`);
  if (typeof event !== "object" || event === null) throw new FileError(`line ${line} is no object: each line must be one event`);
  return event;
}

async function* rowsOf(text: AsyncIterable<Buffer>, mapping: ColumnMapping): AsyncGenerator<EventOfFile> {
  const columns = (header: string[]) => {
    requireColumns(header, mapping);
    return header;
  };
  const rows: EventOfFile[] = [];
  // Collected here, because a failing parser drops the rows that were not read yet.
  const on_record = (record: Record<string, string>, info: { readonly lines: number }) => {
    rows.push({ line: info.lines, event: eventOfRow(record, mapping, info.lines) });
    return null;
  };
  const parser = parse({ columns, on_record, skip_empty_lines: true, max_record_size: lineBytesMax });
  parser.on("error", () => {}); // each write reports it
  let failure: unknown = null;
  try {
    for await (const block of utf8BlocksOf(text)) {
      failure = await failureOf((done) => parser.write(block, done));
      yield* rows.splice(0);
      if (failure !== null) break;
    }
  } catch (error) {
    failure = error;
  }
  if (parser.errored === null) {
    // The parser emits the last row only at its end. A text that fails ends with a complete line, but maybe in an open quote.
    const atEnd = await failureOf((done) => parser.end(done));
    yield* rows.splice(0);
    const isCutByText = failure !== null && atEnd instanceof CsvError && atEnd.code === "CSV_QUOTE_NOT_CLOSED";
    if (atEnd !== null && !isCutByText) failure = atEnd;
  }
  if (failure !== null) throw failure instanceof CsvError ? csvProblem(failure) : failure;
}

/** The error of a parser; `null` once everything is parsed. */
function failureOf(give: (done: (error?: Error | null) => void) => void): Promise<Error | null> {
  return new Promise((resolve) => give((error) => resolve(error ?? null)));
}

function csvProblem(error: CsvError): FileError {
  const { lines, column } = error as { lines?: number; column?: unknown };
  const where = `line ${lines ?? 1}`;
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_COLUMNS":
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH":
      return new FileError(`${where} has another number of cells than the header: put quotes around cells with a comma`, { cause: error });
    case "CSV_QUOTE_NOT_CLOSED":
      return new FileError("a quote is opened and never closed: write a quote inside a cell twice", { cause: error });
    case "INVALID_OPENING_QUOTE":
    case "CSV_INVALID_CLOSING_QUOTE":
      return new FileError(
        `${where} has a quote inside a cell: put quotes around the cell, and write each quote inside it twice, such as "a ""b"" c"`,
        { cause: error },
      );
    case "CSV_MAX_RECORD_SIZE":
      return new FileError(`${where}: a row is longer than 1 MiB, or a quote before it is never closed`, { cause: error });
    default:
      return new FileError(`${where}${column === undefined ? "" : ", near a quote"}: is no valid CSV (${error.code})`, { cause: error });
  }
}
