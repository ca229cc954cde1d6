import { isUtf8 } from "node:buffer";
import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import type { IngestProblem } from "./ingest-problem.ts";
import { guardJson, jsonValuesMax } from "./json-guard.ts";

/** Deeper than any event nests. */
export const eventDepthMax = 64;

/** @returns the one JSON value of a body */
export function parseJsonBody(bytes: Buffer, depthMax: number): Result<unknown, IngestProblem> {
  const text = textOf(bytes, depthMax);
  if (!text.ok) return text;
  const value = parseJson(text.value);
  return value === undefined ? malformed("The body is not valid JSON.") : ok(value);
}

/** @returns the text of bytes that may be parsed as one JSON value */
export function textOf(bytes: Buffer, depthMax: number): Result<string, IngestProblem> {
  if (!isUtf8(bytes)) return malformed("The body is not valid UTF-8.");
  switch (guardJson(bytes, depthMax)) {
    case "too_deep":
      return malformed("The JSON nests too deep.");
    case "too_many":
      return failed({ kind: "too_large", permanent: true, detail: `The JSON may hold ${jsonValuesMax} values: split the batch.` });
    case null:
      return ok(withoutByteOrderMark(bytes.toString("utf8")));
  }
}

/** A byte order mark says nothing in UTF-8. */
function withoutByteOrderMark(text: string): string {
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

export function malformed(detail: string): Failed<IngestProblem> {
  return failed({ kind: "malformed_body", permanent: true, detail });
}
