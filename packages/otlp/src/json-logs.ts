import { readAnyValue, readAttributes } from "./json-attributes.ts";
import type { JsonObject } from "./json-shape.ts";
import { enumField, idField, textField, timeField } from "./json-values.ts";
import { LogDraft } from "./log-record.ts";

export function readLogRecord(record: JsonObject): LogDraft {
  const draft = new LogDraft();
  draft.time = timeField(record.timeUnixNano, draft);
  draft.observedTime = timeField(record.observedTimeUnixNano, draft);
  draft.severityNumber = enumField(record.severityNumber, draft);
  draft.severityText = textField(record.severityText, draft);
  draft.traceId = idField(record.traceId, draft);
  draft.spanId = idField(record.spanId, draft);
  draft.eventName = textField(record.eventName, draft);
  draft.body = readAnyValue(record.body, draft, 1);
  readAttributes(record.attributes, draft);
  return draft;
}
