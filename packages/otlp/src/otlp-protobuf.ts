import type { Result } from "@trinity/runtime/result";
import { RecordDraft } from "./attribute-tree.ts";
import { ItemCount } from "./item-count.ts";
import { finishLogRecord } from "./log-record.ts";
import { finishPointOf } from "./metric-record.ts";
import { type OtlpProblem, orProblem } from "./otlp-problem.ts";
import type { OtlpBatch, OtlpRecordOf, OtlpScope, OtlpSignal } from "./otlp-records.ts";
import { readAttribute } from "./protobuf-attributes.ts";
import { readLogRecord } from "./protobuf-logs.ts";
import { countPoints, readMetric } from "./protobuf-metrics.ts";
import { eachMessage, ProtobufReader } from "./protobuf-reader.ts";
import { readSpan } from "./protobuf-traces.ts";
import {
  absentResource,
  absentScope,
  keep,
  type RecordContext,
  type RequestContext,
  type ResourceContext,
  resourceOfDraft,
} from "./record-context.ts";
import { RejectionCounter } from "./rejection.ts";
import { finishSpan } from "./span-record.ts";

/** The three signals have the same nesting and numbers: request.1 -> resource group.2 -> scope group.2 -> record. */
const tags = { group: 0x0a, resource: 0x0a, scopeGroup: 0x12, scope: 0x0a, record: 0x12 } as const;
const resourceAttribute = 0x0a;
const scopeField = { name: 0x0a, version: 0x12 } as const;

/** Reads the record (or, of metrics, the group of points) at the reader, and keeps or rejects it. */
type ReadRecord<Signal extends OtlpSignal> = (reader: ProtobufReader, context: RecordContext, out: OtlpRecordOf[Signal][]) => void;

const readRecordOf: { readonly [Signal in OtlpSignal]: ReadRecord<Signal> } = {
  traces: (reader, context, out) => keep(readSpan(reader), finishSpan, context, out),
  logs: (reader, context, out) => keep(readLogRecord(reader), finishLogRecord, context, out),
  metrics: (reader, context, out) => readMetric(reader, (draft, head) => keep(draft, finishPointOf(head), context, out)),
};

/**
 * Decodes the body of an OTLP export request in protobuf.
 * @returns its records and rejections, or the problem of the complete body
 */
export function decodeOtlpProtobuf<Signal extends OtlpSignal>(signal: Signal, body: Buffer): Result<OtlpBatch<Signal>, OtlpProblem> {
  return orProblem(() => {
    const reader = new ProtobufReader(body);
    const request: RequestContext = { rejections: new RejectionCounter(), items: countedItems(reader, signal) };
    reader.position = 0;
    const records: OtlpRecordOf[Signal][] = [];
    eachMessage(reader, tags.group, () => readResourceGroup(reader, request, readRecordOf[signal], records));
    return { records, rejections: request.rejections, ignoredKeys: 0 };
  });
}

function countedItems(reader: ProtobufReader, signal: OtlpSignal): ItemCount {
  const count = new ItemCount();
  const countRecord = signal === "metrics" ? () => countMetric(reader, count) : count.addRecord;
  eachMessage(reader, tags.group, () => {
    count.addContainer();
    eachMessage(reader, tags.scopeGroup, () => {
      count.addContainer();
      eachMessage(reader, tags.record, countRecord);
    });
  });
  return count;
}

function countMetric(reader: ProtobufReader, count: ItemCount): void {
  count.addContainer();
  countPoints(reader, count.addRecord);
}

/** The resource may come after its records, so it is searched first; skipping a record reads only its length. */
function readResourceGroup<Signal extends OtlpSignal>(
  reader: ProtobufReader,
  request: RequestContext,
  readRecord: ReadRecord<Signal>,
  out: OtlpRecordOf[Signal][],
): void {
  const from = reader.position;
  let reading: ResourceContext = absentResource;
  eachMessage(reader, tags.resource, () => {
    reading = readResource(reader, request.items);
  });
  reader.position = from;
  eachMessage(reader, tags.scopeGroup, () => {
    const context: RecordContext = { ...reading, ...request, scope: readScope(reader) };
    eachMessage(reader, tags.record, () => readRecord(reader, context, out));
  });
}

function readResource(reader: ProtobufReader, items: ItemCount): ResourceContext {
  const draft = new RecordDraft();
  while (reader.position < reader.limit && draft.fault === undefined) {
    const tag = reader.tag();
    if (tag === resourceAttribute) readAttribute(reader, draft);
    else reader.skip(tag);
  }
  return resourceOfDraft(draft, items);
}

/** Reads the scope of the scope group at the reader, and goes back to the start of the group. */
function readScope(reader: ProtobufReader): OtlpScope {
  const from = reader.position;
  let scope = absentScope;
  eachMessage(reader, tags.scope, () => {
    let name = "";
    let version = "";
    while (reader.position < reader.limit) {
      const tag = reader.tag();
      if (tag === scopeField.name) name = reader.string();
      else if (tag === scopeField.version) version = reader.string();
      else reader.skip(tag);
    }
    scope = { name, version };
  });
  reader.position = from;
  return scope;
}
