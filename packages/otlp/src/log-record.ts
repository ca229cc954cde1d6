import { type AttributeTree, attributesText, isFiniteTree, RecordDraft, treeText } from "./attribute-tree.ts";
import { contentHash } from "./content-hash.ts";
import type { OtlpLogRecord } from "./otlp-records.ts";
import { type RecordContext, resourceText } from "./record-context.ts";
import type { RejectionCode } from "./rejection.ts";
import { isSpanId, isTraceId } from "./span-record.ts";
import { epoch, isUnset, isWithinYear9999, nanosText, type UnixNanos } from "./unix-nanos.ts";

/** A log record of either encoding, before its rules are checked. */
export class LogDraft extends RecordDraft {
  time: UnixNanos = epoch;
  observedTime: UnixNanos = epoch;
  severityNumber = 0;
  severityText = "";
  body: AttributeTree = null;
  traceId = "";
  spanId = "";
  eventName = "";
}

/** @returns the log record, or the first rule it breaks */
export function finishLogRecord(draft: LogDraft, context: RecordContext): OtlpLogRecord | RejectionCode {
  const time = isUnset(draft.time) ? draft.observedTime : draft.time;
  if (draft.fault !== undefined) return draft.fault;
  if (isUnset(time)) return "time_missing";
  if (!isWithinYear9999(time)) return "time_out_of_range";
  return {
    resource: context.resource,
    scope: context.scope,
    attributes: draft.attributes,
    eventName: draft.eventName === "" ? undefined : draft.eventName,
    time,
    severityNumber: draft.severityNumber,
    severityText: draft.severityText,
    // logs.proto: with an invalid id the record counts as not associated with a trace.
    traceId: isTraceId(draft.traceId) ? draft.traceId : undefined,
    spanId: isSpanId(draft.spanId) ? draft.spanId : undefined,
    contentHash: hashOfLog(draft, context),
  };
}

function hashOfLog(draft: LogDraft, { resource, scope }: RecordContext): string {
  const times = [nanosText(draft.time), nanosText(draft.observedTime)];
  const ids = [draft.traceId, draft.spanId, draft.eventName];
  const body = isFiniteTree(draft.body) ? draft.body : treeText(draft.body);
  const text = [draft.severityNumber, draft.severityText, body, scope.name, scope.version];
  return contentHash(JSON.stringify([times, ids, text, attributesText(draft.attributes, draft.leftOut), resourceText(resource)]));
}
