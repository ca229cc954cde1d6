import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { type ColumnMapping, eventOfRow } from "./csv-mapping.ts";

export type EventFile = { readonly path: string; readonly format: "jsonl" | "csv"; readonly mapping: ColumnMapping };

/** The events of a file, one after another; `bytesRead` tells how far into the file the reader is. */
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

async function* linesOf(text: Readable): AsyncGenerator<unknown> {
  let line = 0;
  for await (const content of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (content.trim() === "") continue;
    try {
      yield JSON.parse(content) as unknown;
    } catch {
      throw new SyntaxError(`line ${line} is not valid JSON`);
    }
  }
}

async function* rowsOf(text: Readable, mapping: ColumnMapping): AsyncGenerator<unknown> {
  for await (const row of text.pipe(parse({ columns: true, bom: true }))) yield eventOfRow(row as Record<string, string>, mapping);
}
