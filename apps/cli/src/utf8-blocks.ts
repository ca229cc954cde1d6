import { isUtf8 } from "node:buffer";
import { FileError } from "./event-file.ts";
import { bodyBytesMax } from "./event-sender.ts";

/** A file that is not UTF-8. The message says where, and the remedy; it shows nothing of the file. */
export class EncodingError extends FileError {
  override readonly name = "EncodingError";
}

/** No event can be longer than a request to ingest. */
export const lineBytesMax = bodyBytesMax;

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The text of a file in blocks of complete lines, without its byte order mark. Yields every line before one that is not UTF-8.
 * @throws {EncodingError}
 * @throws {FileError} at a line that is longer than any event may be
 */
export async function* utf8BlocksOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let line = 1;
  for await (const block of withoutByteOrderMark(wholeLinesOf(bytes))) {
    if (firstLineBytes(block) > lineBytesMax)
      throw new FileError(`line ${line} is longer than 1 MiB, the most that one event may have: shorten it, or leave it out`);
    const end = isUtf8(block) ? block.length : startOfBadLine(block);
    const good = block.subarray(0, end);
    if (good.length > 0) yield good.toString("utf8");
    line += linesIn(good);
    if (end < block.length)
      throw new EncodingError(
        `line ${line} is not UTF-8: convert the file first, such as with iconv -f WINDOWS-1252 -t UTF-8, naming the encoding it has`,
      );
  }
}

/** No UTF-8 character contains a line feed, so each line can be checked alone. A line that is too long is cut and ends the text. */
async function* wholeLinesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      yield Buffer.concat([...begun.splice(0), chunk.subarray(0, end)]);
      begunBytes = 0;
    }
    if (end < chunk.length) {
      begun.push(chunk.subarray(end));
      begunBytes += chunk.length - end;
    }
    if (begunBytes > lineBytesMax) break;
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

async function* withoutByteOrderMark(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const block of blocks) {
    if (isFirst) requireUtf8(block);
    yield isFirst && block.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? block.subarray(byteOrderMark.length) : block;
    isFirst = false;
  }
}

/** UTF-16 and UTF-32 begin with a byte order mark of their own, or with an ASCII character among zeros: neither begins a text in UTF-8. */
function requireUtf8(block: Buffer): void {
  const [a, b] = block;
  const isMarked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  if (!isMarked && !block.subarray(0, 4).includes(0)) return;
  throw new EncodingError("the file is UTF-16 or UTF-32, not UTF-8: convert it first, such as with iconv -f UTF-16 -t UTF-8");
}

function firstLineBytes(block: Buffer): number {
  const end = block.indexOf(lineFeed);
  return end === -1 ? block.length : end;
}

function startOfBadLine(block: Buffer): number {
  for (let at = 0; ; ) {
    const next = block.indexOf(lineFeed, at) + 1;
    const end = next === 0 ? block.length : next;
    if (end === block.length || !isUtf8(block.subarray(at, end))) return at;
    at = end;
  }
}

function linesIn(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(lineFeed); at !== -1; at = block.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
