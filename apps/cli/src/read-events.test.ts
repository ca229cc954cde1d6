import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseMapping } from "./csv-mapping.ts";
import { readEvents } from "./read-events.ts";
import { EncodingError, utf8BlocksOf } from "./utf8-blocks.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "trinity-read-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The events that a file gives, and how it ends. */
async function read(name: string, bytes: Buffer): Promise<{ events: unknown[]; error: string | null }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const format = name.includes(".csv") ? "csv" : "jsonl";
  const events: unknown[] = [];
  try {
    for await (const event of readEvents({ path, format, mapping: parseMapping(["userId=user", "roomId=room"]) }).events)
      events.push(event);
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

  test("in a row over several lines it is the line of the file, and the row is not read", async () => {
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

  test.each(["jsonl", "csv"])("UTF-16 in a file of %s is refused by its name, with a mark or without", async (format) => {
    const text = format === "csv" ? "user,room\na,1\n" : '{"userId":"a"}\n';
    const little = Buffer.from(text, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.from(`\ufeff${text}`, "utf16le"), Buffer.from(`\ufeff${text}`, "utf16le").swap16()]) {
      expect(await read(`u.${format}`, bytes)).toEqual({ events: [], error: expect.stringMatching(/UTF-16.*iconv/) });
    }
  });

  test("a line separator of Unicode inside a text ends no line, and a carriage return before a line feed is none of it", async () => {
    expect(await read("s.jsonl", Buffer.from('{"userId":"a\u2028b"}\r\n\r\n{"userId":"c"}'))).toEqual({
      events: [{ userId: "a\u2028b" }, { userId: "c" }],
      error: null,
    });
    expect((await read("s.jsonl", Buffer.from('{}\n\n{"a"\n'))).error).toBe("line 3 is not valid JSON");
  });

  test("wherever a file is cut into chunks, its text is the same", async () => {
    const text = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }).map((lines) => lines.map((line) => `x${line}`).join("\n"));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (content, sizes) => {
        expect(await textOf(Buffer.from(content), sizes)).toEqual({ text: content, line: null });
      }),
      { numRuns: 200 },
    );
  });

  test("wherever bytes are broken, the line of the first broken one is named and all lines before it are given", async () => {
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
