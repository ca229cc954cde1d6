import { isUtf8 } from "node:buffer";
import type { IngestProblem } from "./ingest-problem.ts";
import { nestsTooDeep } from "./json-guard.ts";

/** Deeper than any event nests. */
export const eventDepthMax = 64;

/** @returns the one JSON value that a body holds, wrapped, since it may be anything */
export function parseJsonBody(bytes: Buffer, depthMax: number): { readonly value: unknown } | IngestProblem {
  const text = textOf(bytes, depthMax);
  if (typeof text !== "string") return text;
  const value = parseJson(text);
  return value === undefined ? malformed("The body is not valid JSON.") : { value };
}

/** @returns the text of a body that may be parsed; depth is looked at first, since what nests too deep would overflow the stack later */
export function textOf(bytes: Buffer, depthMax: number): string | IngestProblem {
  if (!isUtf8(bytes)) return malformed("The body is not valid UTF-8.");
  if (nestsTooDeep(bytes, depthMax)) return malformed("The JSON nests too deep.");
  const text = bytes.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** @returns `undefined` for a text that is not JSON, which no JSON text stands for */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function malformed(detail: string): IngestProblem {
  return { kind: "malformed_body", permanent: true, detail };
}
