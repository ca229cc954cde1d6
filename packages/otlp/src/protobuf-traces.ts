import { RecordDraft } from "./attribute-tree.ts";
import { NameCache } from "./name-cache.ts";
import { readWantedAttribute } from "./protobuf-attributes.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import { spanAttributeNames } from "./span-attributes.ts";
import { SpanDraft } from "./span-record.ts";
import { nanosFromHalves } from "./unix-nanos.ts";
import { WantedNames } from "./wanted-names.ts";

/** Tags of `opentelemetry.proto.trace.v1.Span`; other fields are skipped. */
const spanField = {
  traceId: 0x0a,
  spanId: 0x12,
  parentSpanId: 0x22,
  name: 0x2a,
  kind: 0x30,
  start: 0x39,
  end: 0x41,
  attribute: 0x4a,
  event: 0x5a,
  link: 0x6a,
  status: 0x7a,
} as const;
const eventAttribute = 0x1a;
const linkAttribute = 0x22;
const statusCode = 0x18;

const nothingWanted = new WantedNames({});
const names = new NameCache();

/** Reads the span in the message at the reader. */
export function readSpan(reader: ProtobufReader): SpanDraft {
  const draft = new SpanDraft();
  while (reader.position < reader.limit && draft.fault === undefined) readSpanField(reader, draft, reader.tag());
  return draft;
}

function readSpanField(reader: ProtobufReader, draft: SpanDraft, tag: number): void {
  switch (tag) {
    case spanField.traceId:
      draft.traceId = reader.hex(16);
      break;
    case spanField.spanId:
      draft.spanId = reader.hex(8);
      break;
    case spanField.parentSpanId:
      draft.parentSpanId = reader.hex(8);
      break;
    case spanField.name:
      draft.name = reader.repeatingString(names);
      break;
    case spanField.kind:
      draft.kind = reader.varintNumber();
      break;
    case spanField.start:
      reader.fixed64();
      draft.start = nanosFromHalves(reader.high, reader.low);
      break;
    case spanField.end:
      reader.fixed64();
      draft.end = nanosFromHalves(reader.high, reader.low);
      break;
    case spanField.attribute:
      readWantedAttribute(reader, draft, spanAttributeNames);
      break;
    case spanField.event:
      checkAttributes(reader, eventAttribute, draft);
      break;
    case spanField.link:
      checkAttributes(reader, linkAttribute, draft);
      break;
    case spanField.status:
      readStatus(reader, draft);
      break;
    default:
      reader.skip(tag);
  }
}

/** Events and links are dropped, but an attribute in them that nests too deep still rejects the span. */
function checkAttributes(reader: ProtobufReader, attributeTag: number, span: SpanDraft): void {
  const draft = new RecordDraft();
  const outer = reader.enter();
  while (reader.position < reader.limit && draft.fault === undefined) {
    const tag = reader.tag();
    if (tag === attributeTag) readWantedAttribute(reader, draft, nothingWanted);
    else reader.skip(tag);
  }
  reader.leave(outer);
  if (draft.fault !== undefined) span.reject(draft.fault);
}

function readStatus(reader: ProtobufReader, draft: SpanDraft): void {
  const outer = reader.enter();
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (tag === statusCode) draft.statusCode = reader.varintNumber();
    else reader.skip(tag);
  }
  reader.leave(outer);
}
