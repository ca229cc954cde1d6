import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseMapping } from "./csv-mapping.ts";
import { readEvents } from "./read-events.ts";
import { EncodingError, utf8BlocksOf } from "./utf8-blocks.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "trinity-read-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The events of a file, and how reading it ended. */
async function read(name: string, bytes: Buffer): Promise<{ events: unknown[]; error: string | null }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const format = name.includes(".csv") ? "csv" : "jsonl";
  const events: unknown[] = [];
  try {
    for await (const event of readEvents({ path, format, mapping: parseMapping(["userId=user", "roomId=room"]) }).events)
      events.push(event.event);
  } catch (error) {
    return { events, error: (error as Error).message };
  }
  return { events, error: null };
}
const mark = Buffer.from([0xef, 0xbb, 0xbf]);
const latin1 = (text: string) => Buffer.from(text, "latin1");
const notUtf8 = (line: number) => expect.stringMatching(new RegExp(`^line ${line} is not UTF-8: .*iconv`));

describe("the text of an imported file", () => {
  test("a line that is not UTF-8 is named, and nothing of it is read", async () => {
    expect(await read("l.jsonl", latin1('{"userId":"a"}\n{"userId":"jos\xe9"}\n'))).toEqual({
      events: [{ userId: "a" }],
      error: notUtf8(2),
    });
    const { events, error } = await read("l.csv", latin1("user,room\na,1\njos\xe9,2\njos\xe8,3\n"));
    expect(error).toEqual(notUtf8(3));
    expect(JSON.stringify(events)).not.toContain("jos");
  });

  test("in a row over several lines the line of the file is named, and the row is not read", async () => {
    const { events, error } = await read("q.csv", latin1('user,room\n"a\nb\n\xe9",2\n'));
    expect(error).toEqual(notUtf8(4));
    expect(events).toEqual([]);
  });

  test("a file in gzip is checked as well, and so is a last line without an end", async () => {
    expect((await read("z.jsonl.gz", gzipSync(latin1('{"userId":"a"}\n{"userId":"\xe9"}')))).error).toEqual(notUtf8(2));
    expect((await read("z.csv.gz", gzipSync(latin1("user,room\n\xe9,2")))).error).toEqual(notUtf8(2));
  });

  test("a byte order mark is skipped in both formats", async () => {
    expect(await read("b.jsonl", Buffer.concat([mark, Buffer.from('{"userId":"a"}\n')]))).toEqual({
      events: [{ userId: "a" }],
      error: null,
    });
    expect(await read("b.csv", Buffer.concat([mark, Buffer.from("user,room\na,1\n")]))).toEqual({
      events: [{ userId: "a", roomId: "1" }],
      error: null,
    });
    expect(await read("empty.jsonl", mark)).toEqual({ events: [], error: null });
  });

  test.each(["\n", "\r\n"])("empty lines of CSV are no rows, and are counted as lines", async (end) => {
    const path = join(folder, "empty-lines.csv");
    writeFileSync(path, ["user,room", "a,1", "", "b,2", "", ""].join(end));
    const rows = [];
    for await (const row of readEvents({ path, format: "csv", mapping: parseMapping(["userId=user"]) }).events) rows.push(row);
    expect(rows).toEqual([
      { line: 2, event: { userId: "a" } },
      { line: 4, event: { userId: "b" } },
    ]);
  });

  test.each(["jsonl", "csv"])("UTF-16 in a file of %s is refused by its name, with a mark or without", async (format) => {
    const text = format === "csv" ? "user,room\na,1\n" : '{"userId":"a"}\n';
    const little = Buffer.from(text, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.from(`\ufeff${text}`, "utf16le"), Buffer.from(`\ufeff${text}`, "utf16le").swap16()]) {
      expect(await read(`u.${format}`, bytes)).toEqual({ events: [], error: expect.stringMatching(/UTF-16.*iconv/) });
    }
  });

  test("a line separator of Unicode inside a text ends no line, and a carriage return before a line feed is not part of the text", async () => {
    expect(await read("s.jsonl", Buffer.from('{"userId":"a\u2028b"}\r\n\r\n{"userId":"c"}'))).toEqual({
      events: [{ userId: "a\u2028b" }, { userId: "c" }],
      error: null,
    });
    expect((await read("s.jsonl", Buffer.from('{}\n\n{"a"\n'))).error).toMatch(/^line 3 is not valid JSON: /);
  });

  test("a file cut into any chunks has the same text", async () => {
    const text = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }).map((lines) => lines.map((line) => `x${line}`).join("\n"));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (content, sizes) => {
        expect(await textOf(Buffer.from(content), sizes)).toEqual({ text: content, line: null });
      }),
      { numRuns: 200 },
    );
  });

  test("the line of the first broken byte is named, and all lines before it are yielded", async () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((rest) => Buffer.from([0x78, 0x78, 0x78, 0x78, ...rest]));
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (content, sizes) => {
        const lines = content.toString("latin1").split(/(?<=\n)/);
        const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        const isBad = (line: string) => {
          try {
            return decoder.decode(Buffer.from(line, "latin1")) === null;
          } catch {
            return true;
          }
        };
        const at = lines.findIndex(isBad);
        const good = Buffer.from((at === -1 ? lines : lines.slice(0, at)).join(""), "latin1").toString("utf8");
        expect(await textOf(content, sizes)).toEqual({ text: good, line: at === -1 ? null : at + 1 });
      }),
      { numRuns: 300 },
    );
  });
});

const unreadable: readonly [why: string, name: string, bytes: Buffer | string, error: RegExp, before: number][] = [
  ["a line over 1 MiB", "long.jsonl", `{"userId":"a"}\n{"userId":"${"x".repeat(3 * 1024 * 1024)}"}\n`, /^line 2 is longer than 1 MiB/, 1],
  ["a file of one line over 1 MiB", "one.jsonl", "x".repeat(3 * 1024 * 1024), /^line 1 is longer than 1 MiB/, 0],
  ["JSON over several lines", "pretty.jsonl", '{\n "userId": "a"\n}', /^line 1 is not valid JSON: .*jq -c/, 0],
  ["a list", "list.jsonl", '{}\n[{"userId":"a"}]', /^line 2 is a list: .*jq -c/, 1],
  ["a text", "text.jsonl", '"userId"', /^line 1 is no object/, 0],
  ["a zip file", "zip.jsonl", Buffer.from("PK\u0003\u0004rest"), /^is zip: unpack it/, 0],
  ["gzip that was cut short", "cut.jsonl", gzipSync("{}\n").subarray(0, 12), /^the compressed data is damaged or cut short/, 0],
  ["a column that is there twice", "twice.csv", "user,room,user\na,1,b\n", /^line 1 has the column user 2 times.*rename/, 0],
  ["a column that is not there", "none.csv", "usr,room\na,1\n", /^line 1 has no column user, .*it has usr, room$/, 0],
  ["a row with too many cells", "cells.csv", "user,room\na,1\nb,2,3\n", /^line 3 has another number of cells/, 1],
  ["a quote inside a cell", "inner.csv", 'user,room\na,1\nb "c",2\n', /^line 3 has a quote inside a cell: .*twice/, 1],
  ["text after a quoted cell", "after.csv", 'user,room\na,1\n"b"c,2\n', /^line 3 has a quote inside a cell: .*twice/, 1],
  ["a short row before a line that is not UTF-8", "both.csv", latin1("user,room\na,1\nb\n\xe9,2\n"), /^line 3 has another number/, 1],
  ["a quote that is never closed", "quote.csv", 'user,room\n"a,1\nb,2\n', /^a quote is opened and never closed/, 0],
];

test.each(unreadable)(
  "%s is refused with the problem and the remedy, after all rows before it",
  async (_, name, bytes, message, before) => {
    const { events, error } = await read(name, Buffer.from(bytes as string));
    expect(error).toMatch(message);
    expect(events).toHaveLength(before);
  },
);

const badRows: readonly (readonly [row: string, error: (line: number) => RegExp])[] = [
  ["short", (line) => new RegExp(`^line ${line} has another number of cells`)],
  ["a,1,2", (line) => new RegExp(`^line ${line} has another number of cells`)],
  ['b "c",2', (line) => new RegExp(`^line ${line} has a quote inside a cell`)],
  ['"b"c,2', (line) => new RegExp(`^line ${line} has a quote inside a cell`)],
  ['"open,2', () => /^a quote is opened and never closed/],
  ["\xe9,2", (line) => new RegExp(`^line ${line} is not UTF-8`)],
  ["a,no number", (line) => new RegExp(`^line ${line}, column room: is no number`)],
];

test("all rows before a bad one are yielded, and then the bad one is named", async () => {
  const path = join(folder, "many.csv");
  const mapping = parseMapping(["userId=user", "roomId=room:number"]);
  const counts = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 6_000 }));
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 0, max: 20 }), fc.constantFrom(...badRows), async (before, padding, [row, error]) => {
      const good = Array.from({ length: before }, (_, i) => `${"x".repeat(padding)}${i},1\n`).join("");
      writeFileSync(path, latin1(`user,room\n${good}${row}\nafter,1\n`));
      let given = 0;
      let thrown: unknown = null;
      try {
        for await (const { line } of readEvents({ path, format: "csv", mapping }).events) expect(line).toBe((given += 1) + 1);
      } catch (failure) {
        thrown = failure;
      }
      expect((thrown as Error).message).toMatch(error(before + 2));
      expect(given).toBe(before);
    }),
    { numRuns: 150, examples: badRows.flatMap((bad) => [0, 2, 5_000].map((n) => [n, 0, bad] as [number, number, typeof bad])) },
  );
});

test("compression is detected by content, not by name", async () => {
  const right = { events: [{ userId: "a" }], error: null };
  const bytes = Buffer.from('{"userId":"a"}\n');
  expect(await read("named.jsonl", gzipSync(bytes))).toEqual(right);
  expect(await read("named.jsonl.zst", zstdCompressSync(bytes))).toEqual(right);
  expect(await read("plain.jsonl.gz", bytes)).toEqual(right);
});

test("a path that is no file is refused with a remedy, before anything is read", async () => {
  const event = { format: "jsonl", mapping: new Map() } as const;
  expect(() => readEvents({ path: join(folder, "none.jsonl"), ...event })).toThrow("there is no such file: check the path");
  expect(() => readEvents({ path: folder, ...event })).toThrow("is a folder: name a file in it");
});

test("each event has the number of its last line", async () => {
  const path = join(folder, "lines.csv");
  writeFileSync(path, 'user,room\na,1\n"b\nc",2\nd,3\n');
  const lines: number[] = [];
  for await (const { line } of readEvents({ path, format: "csv", mapping: parseMapping(["userId=user"]) }).events) lines.push(line);
  expect(lines).toEqual([2, 4, 5]);
});

async function textOf(bytes: Buffer, sizes: readonly number[]): Promise<{ text: string; line: number | null }> {
  async function* chunks() {
    for (let at = 0, i = 0; at < bytes.length; i++) yield bytes.subarray(at, (at += sizes[i % sizes.length] as number));
  }
  let text = "";
  try {
    for await (const block of utf8BlocksOf(chunks())) text += block;
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    return { text, line: Number(/^line (\d+)/.exec(error.message)?.[1]) };
  }
  return { text, line: null };
}
