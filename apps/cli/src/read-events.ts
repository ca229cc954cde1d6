import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { type ColumnMapping, eventOfRow } from "./csv-mapping.ts";
import { utf8BlocksOf } from "./utf8-blocks.ts";

export type EventFile = { readonly path: string; readonly format: "jsonl" | "csv"; readonly mapping: ColumnMapping };

/**
 * The events of a file in UTF-8, one after another: iterating throws an `EncodingError` at a line that is not, and a `SyntaxError` at one
 * that is not JSON. `bytesRead` tells how far into the file the reader is.
 */
export function readEvents({ path, format, mapping }: EventFile): {
  events: AsyncIterable<unknown>;
  bytesTotal: number;
  bytesRead: () => number;
} {
  const file = createReadStream(path);
  const text = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // A pipe does not pass an error on: without this, a missing file would never end.
  file.on("error", (error) => text.destroy(error));
  const events = format === "csv" ? rowsOf(text, mapping) : linesOf(text);
  return { events, bytesTotal: statSync(path).size, bytesRead: () => file.bytesRead };
}

async function* linesOf(text: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let line = 0;
  for await (const block of utf8BlocksOf(text)) {
    // Only the last block of a file may not end with a line feed.
    for (const content of block.replace(/\n$/, "").split("\n")) {
      line += 1;
      if (content.trim() === "") continue;
      yield parsedLine(content, line);
    }
  }
}

function parsedLine(content: string, line: number): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new SyntaxError(`line ${line} is not valid JSON`);
  }
}

async function* rowsOf(text: AsyncIterable<Buffer>, mapping: ColumnMapping): AsyncGenerator<unknown> {
  // A row that a broken text leaves open is never given: the parser ends with its error, for who reads the rows.
  const rows = pipeline(utf8BlocksOf(text), parse({ columns: true }), () => {});
  for await (const row of rows) yield eventOfRow(row as Record<string, string>, mapping);
}
