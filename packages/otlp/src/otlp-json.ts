import type { Result } from "@trinity/runtime/result";
import { RecordDraft } from "./attribute-tree.ts";
import { ItemCount } from "./item-count.ts";
import { readAttributes } from "./json-attributes.ts";
import { readLogRecord } from "./json-logs.ts";
import { pointsOf, readMetric } from "./json-metrics.ts";
import { countSnakeCaseKeys, isJsonObject, type JsonObject, listAt, objectAt } from "./json-shape.ts";
import { readSpan } from "./json-traces.ts";
import { textField } from "./json-values.ts";
import { finishLogRecord } from "./log-record.ts";
import { finishPointOf } from "./metric-record.ts";
import { OtlpDecodeError, type OtlpProblem, orProblem } from "./otlp-problem.ts";
import type { OtlpBatch, OtlpRecordOf, OtlpScope, OtlpSignal } from "./otlp-records.ts";
import { keep, type RecordContext, type RequestContext, type ResourceContext, resourceOfDraft } from "./record-context.ts";
import { RejectionCounter } from "./rejection.ts";
import { finishSpan } from "./span-record.ts";

/** The names of the common levels in the three signals. */
const keysOf = {
  traces: { groups: "resourceSpans", scopeGroups: "scopeSpans", records: "spans" },
  logs: { groups: "resourceLogs", scopeGroups: "scopeLogs", records: "logRecords" },
  metrics: { groups: "resourceMetrics", scopeGroups: "scopeMetrics", records: "metrics" },
} as const satisfies Record<OtlpSignal, unknown>;

type Keys = (typeof keysOf)[OtlpSignal];
type ReadRecord<Signal extends OtlpSignal> = (record: JsonObject, context: RecordContext, out: OtlpRecordOf[Signal][]) => void;

const readRecordOf: { readonly [Signal in OtlpSignal]: ReadRecord<Signal> } = {
  traces: (record, context, out) => keep(readSpan(record), finishSpan, context, out),
  logs: (record, context, out) => keep(readLogRecord(record), finishLogRecord, context, out),
  metrics: (record, context, out) => readMetric(record, (draft, head) => keep(draft, finishPointOf(head), context, out)),
};

/**
 * Decodes an OTLP export request in OTLP/JSON.
 * @param body any parsed JSON value; its nesting must have been bounded before it was parsed
 * @returns its records and rejections, or the problem of the complete body
 */
export function decodeOtlpJson<Signal extends OtlpSignal>(signal: Signal, body: unknown): Result<OtlpBatch<Signal>, OtlpProblem> {
  return orProblem(() => {
    if (!isJsonObject(body)) throw new OtlpDecodeError("malformed", "the body must be an object");
    const keys = keysOf[signal];
    const groups = listAt(body[keys.groups], keys.groups);
    const items = countedItems(groups, keys, signal);
    const request: RequestInput<Signal> = {
      keys,
      readRecord: readRecordOf[signal],
      records: [],
      rejections: new RejectionCounter(),
      items,
    };
    let ignoredKeys = Object.keys(body).filter((key) => key !== keys.groups).length;
    for (const group of groups) ignoredKeys += readResourceGroup(objectAt(group, keys.groups), request);
    return { records: request.records, rejections: request.rejections, ignoredKeys };
  });
}

type RequestInput<Signal extends OtlpSignal> = RequestContext & {
  readonly keys: Keys;
  readonly readRecord: ReadRecord<Signal>;
  readonly records: OtlpRecordOf[Signal][];
};

function countedItems(groups: readonly unknown[], keys: Keys, signal: OtlpSignal): ItemCount {
  const count = new ItemCount();
  for (const group of groups) {
    count.addContainer();
    for (const scopeGroup of listAt(objectAt(group, keys.groups)[keys.scopeGroups], keys.scopeGroups)) {
      count.addContainer();
      for (const record of listAt(objectAt(scopeGroup, keys.scopeGroups)[keys.records], keys.records)) {
        if (signal === "metrics") countMetric(objectAt(record, keys.records), count);
        else count.addRecord();
      }
    }
  }
  return count;
}

function countMetric(metric: JsonObject, count: ItemCount): void {
  count.addContainer();
  for (const { points } of pointsOf(metric)) for (const _ of points) count.addRecord();
}

/** @returns how many keys were ignored */
function readResourceGroup<Signal extends OtlpSignal>(group: JsonObject, request: RequestInput<Signal>): number {
  const { keys, readRecord, records, rejections, items } = request;
  let ignoredKeys = countSnakeCaseKeys(group);
  const reading = readResource(group.resource, items);
  for (const item of listAt(group[keys.scopeGroups], keys.scopeGroups)) {
    const scopeGroup = objectAt(item, keys.scopeGroups);
    ignoredKeys += countSnakeCaseKeys(scopeGroup);
    const context: RecordContext = { ...reading, rejections, items, scope: readScope(scopeGroup.scope) };
    for (const record of listAt(scopeGroup[keys.records], keys.records)) {
      if (!isJsonObject(record)) rejections.add("bad_type");
      else {
        ignoredKeys += countSnakeCaseKeys(record);
        readRecord(record, context, records);
      }
    }
  }
  return ignoredKeys;
}

function readResource(value: unknown, items: ItemCount): ResourceContext {
  const draft = new RecordDraft();
  if (isJsonObject(value)) readAttributes(value.attributes, draft);
  else if (value !== undefined && value !== null) draft.reject("bad_type");
  return resourceOfDraft(draft, items);
}

function readScope(value: unknown): OtlpScope {
  const scope = objectAt(value, "scope");
  const draft = new RecordDraft();
  const named = { name: textField(scope.name, draft), version: textField(scope.version, draft) };
  if (draft.fault !== undefined) throw new OtlpDecodeError("malformed", "scope must have texts as its name and version");
  return named;
}
