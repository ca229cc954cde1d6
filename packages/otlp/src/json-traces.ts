import { RecordDraft } from "./attribute-tree.ts";
import { readAttributes, recordList } from "./json-attributes.ts";
import { isJsonObject, type JsonObject } from "./json-shape.ts";
import { enumField, idField, textField, timeField } from "./json-values.ts";
import { spanAttributeNames } from "./span-attributes.ts";
import { SpanDraft } from "./span-record.ts";
import { WantedNames } from "./wanted-names.ts";

const nothingWanted = new WantedNames({});

export function readSpan(span: JsonObject): SpanDraft {
  const draft = new SpanDraft();
  draft.traceId = idField(span.traceId, draft);
  draft.spanId = idField(span.spanId, draft);
  draft.parentSpanId = idField(span.parentSpanId, draft);
  draft.name = textField(span.name, draft);
  draft.kind = enumField(span.kind, draft);
  draft.start = timeField(span.startTimeUnixNano, draft);
  draft.end = timeField(span.endTimeUnixNano, draft);
  draft.statusCode = statusCode(span.status, draft);
  readAttributes(span.attributes, draft, spanAttributeNames);
  checkAttributes(span.events, draft);
  checkAttributes(span.links, draft);
  return draft;
}

function statusCode(status: unknown, draft: SpanDraft): number {
  if (isJsonObject(status)) return enumField(status.code, draft);
  if (status !== undefined && status !== null) draft.reject("bad_type");
  return 0;
}

/** Events and links are dropped, but an attribute in them that nests too deep still rejects the span. */
function checkAttributes(parents: unknown, span: SpanDraft): void {
  for (const holder of recordList(parents, span)) {
    if (span.fault !== undefined) return;
    const draft = new RecordDraft();
    if (isJsonObject(holder)) readAttributes(holder.attributes, draft, nothingWanted);
    else draft.reject("bad_type");
    if (draft.fault !== undefined) span.reject(draft.fault);
  }
}
