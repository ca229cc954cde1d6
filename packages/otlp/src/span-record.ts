import { RecordDraft } from "./attribute-tree.ts";
import type { OtlpSpan, SpanKind, SpanStatus } from "./otlp-records.ts";
import type { RecordContext } from "./record-context.ts";
import type { RejectionCode } from "./rejection.ts";
import { durationUsBetween, epoch, isUnset, isWithinYear9999, type UnixNanos } from "./unix-nanos.ts";

/** A span of either encoding, before its rules are checked. */
export class SpanDraft extends RecordDraft {
  override readonly textsRepeat = true;
  traceId = "";
  spanId = "";
  parentSpanId = "";
  name = "";
  kind = 0;
  start: UnixNanos = epoch;
  end: UnixNanos = epoch;
  statusCode = 0;
}

const noTrace = "0".repeat(32);
const noSpan = "0".repeat(16);
/** By the number in the protocol. By trace.proto, unspecified may count as internal; so does a kind of a later version. */
const kinds: readonly SpanKind[] = ["internal", "internal", "server", "client", "producer", "consumer"];
const statuses: readonly SpanStatus[] = ["unset", "ok", "error"];

/** @returns the span, or the first rule it breaks */
export function finishSpan(draft: SpanDraft, context: RecordContext): OtlpSpan | RejectionCode {
  const durationUs = durationUsBetween(draft.start, draft.end);
  const fault = draft.fault ?? identityFault(draft) ?? timeFault(draft, durationUs);
  if (fault !== undefined) return fault;
  return {
    resource: context.resource,
    scope: context.scope,
    attributes: draft.attributes,
    traceId: draft.traceId,
    spanId: draft.spanId,
    parentSpanId: draft.parentSpanId === "" || draft.parentSpanId === noSpan ? undefined : draft.parentSpanId,
    name: draft.name,
    kind: kinds[draft.kind] ?? "internal",
    start: draft.start,
    durationUs,
    status: statuses[draft.statusCode] ?? "unset",
  };
}

function identityFault({ traceId, spanId, parentSpanId }: SpanDraft): RejectionCode | undefined {
  if (!isTraceId(traceId)) return "bad_trace_id";
  if (!isSpanId(spanId)) return "bad_span_id";
  if (parentSpanId !== "" && parentSpanId.length !== noSpan.length) return "bad_parent_span_id";
  return undefined;
}

/** @param id lower-case hex of any length */
export function isTraceId(id: string): boolean {
  return id.length === noTrace.length && id !== noTrace;
}

export function isSpanId(id: string): boolean {
  return id.length === noSpan.length && id !== noSpan;
}

function timeFault({ start, end }: SpanDraft, durationUs: number): RejectionCode | undefined {
  if (isUnset(start) || isUnset(end)) return "time_missing";
  if (!isWithinYear9999(start) || !isWithinYear9999(end) || !Number.isSafeInteger(durationUs)) return "time_out_of_range";
  return durationUs < 0 ? "end_before_start" : undefined;
}
