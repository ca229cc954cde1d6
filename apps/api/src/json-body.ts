import { mediaTypeOf } from "@trinity/http/media-type";
import type { FastifyInstance } from "fastify";

const depthMax = 64;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads JSON bodies as text, refuses other character sets than UTF-8, and what could harm a parser: bytes that are no UTF-8, and nesting so deep that printing the value
 * again would overflow the stack. The text itself is parsed by whoever takes the body.
 */
export function installJsonBody(app: FastifyInstance): void {
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (mediaTypeOf(request.headers["content-type"]) !== "application/json")
      return done(Object.assign(new Error("not JSON in UTF-8"), { statusCode: 415 }));
    const text = parseJsonText(body as Buffer);
    if (text === null) done(Object.assign(new Error("not JSON"), { statusCode: 400 }));
    else done(null, text);
  });
}

/** @returns the text; `null` when it is no UTF-8 or nests too deep */
function parseJsonText(bytes: Uint8Array): string | null {
  if (isTooDeep(bytes)) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

const [quote, backslash, bracket, brace, bracketEnd, braceEnd] = Buffer.from('"\\[{]}') as unknown as number[];

/** Counts brackets outside strings: all of them are ASCII, so bytes do. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === backslash) i += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === bracket || byte === brace) {
      if (++depth > depthMax) return true;
    } else if (byte === bracketEnd || byte === braceEnd) depth -= 1;
  }
  return false;
}
