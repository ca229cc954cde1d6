import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import type { Protocol } from "./event-pipeline.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { acknowledgeJson, type JsonAcknowledgement } from "./json-acknowledgement.ts";
import { eventDepthMax, malformed, parseJson, parseJsonBody, textOf } from "./json-body.ts";
import type { Decoded, Rejected } from "./outcome.ts";

const bodyBytesMax = 1024 * 1024;
const batchEventsMax = 1_000;

/** `{"events": [...]}`, or the array alone. */
export const jsonProtocol: Protocol<JsonAcknowledgement> = { bodyBytesMax, decode: decodeJson, acknowledge: acknowledgeJson };

/** One event a line; a line that is no JSON is rejected alone. */
export const ndjsonProtocol: Protocol<JsonAcknowledgement> = { bodyBytesMax, decode: decodeNdjson, acknowledge: acknowledgeJson };

function decodeJson(bytes: Buffer): Result<Decoded, IngestProblem> {
  const body = parseJsonBody(bytes, eventDepthMax);
  if (!body.ok) return body;
  const events = Array.isArray(body.value) ? body.value : eventsIn(body.value);
  if (!Array.isArray(events)) return malformed('The body must be an object with an array "events".');
  if (events.length > batchEventsMax) return tooMany();
  return ok({ candidates: events.map((value, index) => ({ index, value })), unreadable: [] });
}

function eventsIn(body: unknown): unknown {
  return typeof body === "object" && body !== null && Object.hasOwn(body, "events") ? (body as { events: unknown }).events : undefined;
}

function decodeNdjson(bytes: Buffer): Result<Decoded, IngestProblem> {
  const lines: string[] = [];
  // Each is a text of its own: a quote or a bracket that it leaves open ends with it.
  for (const line of linesOf(bytes)) {
    const text = textOf(line, eventDepthMax);
    if (!text.ok) return text;
    if (text.value.trim() !== "") lines.push(text.value);
    if (lines.length > batchEventsMax) return tooMany();
  }
  if (lines.length === 0) return malformed("The body holds no event.");
  const read = lines.map((line, index) => ({ index, value: parseJson(line) }));
  return ok({
    candidates: read.filter(({ value }) => value !== undefined),
    unreadable: read.filter(({ value }) => value === undefined).map(({ index }) => notJson(index)),
  });
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const lineFeed = bytes.indexOf(0x0a, from);
    const end = lineFeed === -1 ? bytes.length : lineFeed;
    yield bytes.subarray(from, end);
    from = end + 1;
  }
}

function notJson(index: number): Rejected {
  return { index, source: "unknown", rejection: { code: "not_json", eventId: null, path: "", message: "the line is not valid JSON" } };
}

function tooMany(): Failed<IngestProblem> {
  return failed({ kind: "too_large", permanent: true, detail: `A batch may hold ${batchEventsMax} events: split it.` });
}
