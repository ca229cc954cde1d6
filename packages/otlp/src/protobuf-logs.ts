import { LogDraft } from "./log-record.ts";
import { readAnyValue, readAttribute } from "./protobuf-attributes.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import { nanosFromHalves } from "./unix-nanos.ts";

/** Tags of `opentelemetry.proto.logs.v1.LogRecord`; other fields are skipped. */
const logField = {
  time: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  attribute: 0x32,
  traceId: 0x4a,
  spanId: 0x52,
  observedTime: 0x59,
  eventName: 0x62,
} as const;

/** Reads the log record in the message at the reader. */
export function readLogRecord(reader: ProtobufReader): LogDraft {
  const draft = new LogDraft();
  while (reader.position < reader.limit && draft.fault === undefined) readLogField(reader, draft, reader.tag());
  return draft;
}

function readLogField(reader: ProtobufReader, draft: LogDraft, tag: number): void {
  switch (tag) {
    case logField.time:
      reader.fixed64();
      draft.time = nanosFromHalves(reader.high, reader.low);
      break;
    case logField.observedTime:
      reader.fixed64();
      draft.observedTime = nanosFromHalves(reader.high, reader.low);
      break;
    case logField.severityNumber:
      draft.severityNumber = reader.varintNumber();
      break;
    case logField.severityText:
      draft.severityText = reader.string();
      break;
    case logField.body:
      draft.body = readAnyValue(reader, draft, 1);
      break;
    case logField.attribute:
      readAttribute(reader, draft);
      break;
    case logField.traceId:
      draft.traceId = reader.hex(16);
      break;
    case logField.spanId:
      draft.spanId = reader.hex(8);
      break;
    case logField.eventName:
      draft.eventName = reader.string();
      break;
    default:
      reader.skip(tag);
  }
}
