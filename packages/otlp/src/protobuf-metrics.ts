import type { MetricHead, PointDraft } from "./metric-record.ts";
import type { MetricKind } from "./otlp-records.ts";
import { readExponentialPoint, readHistogramPoint, readNumberPoint, readSummaryPoint } from "./protobuf-points.ts";
import { eachMessage, type ProtobufReader } from "./protobuf-reader.ts";

/** Tags of `opentelemetry.proto.metrics.v1.Metric`. */
const metricField = { name: 0x0a, unit: 0x1a } as const;
const dataTag = { gauge: 0x2a, sum: 0x3a, histogram: 0x4a, exponential_histogram: 0x52, summary: 0x5a } as const;
const kindOfTag = new Map(Object.entries(dataTag).map(([kind, tag]) => [tag as number, kind as MetricKind]));
/** The same in all five kinds of data. */
const dataField = { points: 0x0a, temporality: 0x10, monotonic: 0x18 } as const;

const readPointOf = {
  gauge: readNumberPoint,
  sum: readNumberPoint,
  histogram: readHistogramPoint,
  exponential_histogram: readExponentialPoint,
  summary: readSummaryPoint,
} satisfies Record<MetricKind, (reader: ProtobufReader) => PointDraft>;

/** Counts the points of the metric at the reader. */
export function countPoints(reader: ProtobufReader, countOne: () => void): void {
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (kindOfTag.has(tag)) {
      const outer = reader.enter();
      eachMessage(reader, dataField.points, countOne);
      reader.leave(outer);
    } else reader.skip(tag);
  }
}

/** Reads the points of the metric at the reader. Its fields come in any order, so its head is read in a first pass. */
export function readMetric(reader: ProtobufReader, take: (draft: PointDraft, head: MetricHead) => void): void {
  const from = reader.position;
  const texts = readTexts(reader);
  reader.position = from;
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    const kind = kindOfTag.get(tag);
    if (kind === undefined) reader.skip(tag);
    else {
      const outer = reader.enter();
      readData(reader, { ...texts, kind }, take);
      reader.leave(outer);
    }
  }
}

function readTexts(reader: ProtobufReader): Pick<MetricHead, "name" | "unit"> {
  let name = "";
  let unit = "";
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (tag === metricField.name) name = reader.string();
    else if (tag === metricField.unit) unit = reader.string();
    else reader.skip(tag);
  }
  return { name, unit };
}

type DataHead = Pick<MetricHead, "name" | "unit" | "kind">;

function readData(reader: ProtobufReader, dataHead: DataHead, take: (draft: PointDraft, head: MetricHead) => void): void {
  const from = reader.position;
  let temporality = 0;
  let monotonic = false;
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (tag === dataField.temporality) temporality = reader.varintNumber();
    else if (tag === dataField.monotonic) monotonic = reader.varintNumber() !== 0;
    else reader.skip(tag);
  }
  const head: MetricHead = { ...dataHead, temporality, monotonic };
  reader.position = from;
  eachMessage(reader, dataField.points, () => take(readPointOf[head.kind](reader), head));
}
