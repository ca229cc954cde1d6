import { pointStateOf, watchedMetric } from "@trinity/events/watched-metric";
import { attributesText } from "./attribute-tree.ts";
import { contentHash } from "./content-hash.ts";
import type { EventCandidate } from "./event-candidate.ts";
import type { Attributes, OtlpMetricPoint } from "./otlp-records.ts";
import { labelOf, otelSource, serviceOf, withoutId, wordOf } from "./plain-text.ts";
import { resourceText } from "./record-context.ts";
import { epoch, nanosText, type UnixNanos } from "./unix-nanos.ts";

/**
 * The attributes that distinguish series on our pages, by the semantic conventions for HTTP, RPC, database, system, process,
 * Node and JVM metrics, with the names they replaced. Others would make too many series, or identify people.
 */
const metricAttributeNames = [
  "http.route",
  "http.request.method",
  "http.method",
  "http.response.status_code",
  "http.status_code",
  "rpc.method",
  "rpc.service",
  "rpc.status_code",
  "rpc.system.name",
  "db.system.name",
  "db.operation.name",
  "db.collection.name",
  "db.client.connection.pool.name",
  "db.client.connection.state",
  "messaging.system",
  "messaging.operation.name",
  "error.type",
  "state",
  "type",
  "direction",
  "generation",
  "pool",
  "pool.name",
  "cpu.mode",
  "process.cpu.state",
  "system.cpu.state",
  "system.memory.state",
  "system.paging.state",
  "system.filesystem.state",
  "disk.io.direction",
  "network.io.direction",
  "network.connection.state",
  "nodejs.eventloop.state",
  "v8js.gc.type",
  "v8js.heap.space.name",
  "jvm.gc.name",
  "jvm.memory.type",
  "jvm.memory.pool.name",
  "jvm.thread.state",
  "faas.name",
  "faas.trigger",
] as const;

const attributePairsMax = 20;

/** One metric point as the catalogue's event `metric_point`. Its id is its series and its time, so a batch that is sent again counts once. */
export function eventOfMetricPoint(point: OtlpMetricPoint): EventCandidate {
  const { value, count, sum, temporality, monotonic } = point;
  const unit = wordOf(point.unit);
  const pairs = attributePairs(point.attributes);
  return {
    eventId: `metric:${contentHash(identityText(point))}`,
    eventType: "metric_point",
    timestamp: point.time.ms,
    properties: {
      service: serviceOf(point.resource),
      metric: point.metric,
      kind: point.kind,
      ...(unit !== undefined && { unit }),
      ...(value !== undefined && { value }),
      ...(count !== undefined && { count }),
      ...(sum !== undefined && { sum }),
      ...(temporality !== undefined && { temporality }),
      ...(monotonic !== undefined && { monotonic }),
      ...streamOf(point),
      ...(pairs.length > 0 && { attributes: pairs }),
    },
    source: otelSource(point.resource),
  };
}

type Stream = { readonly series?: string; readonly startMs?: number; readonly state?: string };

/** The stream of a running total, or the observation of a state: it identifies the other points that belong to this one. */
function streamOf(point: OtlpMetricPoint): Stream {
  const watched = watchedMetric(point.metric);
  if (watched === undefined) return {};
  if (isRunningTotal(point)) {
    const isKnown = point.start !== undefined && nanosText(point.start) !== nanosText(point.time);
    return { series: seriesOf(point, point.attributes, point.start), ...(isKnown && { startMs: point.start.ms }) };
  }
  const split = point.value === undefined ? undefined : pointStateOf(watched, point.attributes);
  if (split === undefined || split === "unknown") return {};
  const others = Object.entries(point.attributes).filter(([name]) => !split.attributes.has(name));
  return { series: seriesOf(point, Object.fromEntries(others)), state: split.state };
}

/** True if the points are a running total; a summary always is. */
function isRunningTotal({ kind, temporality, monotonic }: OtlpMetricPoint): boolean {
  return kind === "summary" || (temporality === "cumulative" && (kind !== "sum" || monotonic === true));
}

function seriesOf({ resource, scope, metric, unit, kind, leftOut }: OtlpMetricPoint, attributes: Attributes, start?: UnixNanos): string {
  const series = [resourceText(resource), scope.name, scope.version, metric, unit, kind, attributesText(attributes, leftOut)];
  return contentHash(JSON.stringify([...series, nanosText(start ?? epoch)]));
}

function identityText({ resource, scope, metric, attributes, leftOut, start, time }: OtlpMetricPoint): string {
  const series = [resourceText(resource), scope.name, scope.version, metric, attributesText(attributes, leftOut)];
  return JSON.stringify([...series, nanosText(start ?? epoch), nanosText(time)]);
}

function attributePairs(attributes: Attributes): readonly string[] {
  const pairs: string[] = [];
  for (const name of metricAttributeNames) {
    const value = attributes[name];
    if (value === undefined || typeof value === "object" || pairs.length === attributePairsMax) continue;
    const pair = labelOf(withoutId(`${name}=${value}`));
    if (pair !== undefined) pairs.push(pair);
  }
  return pairs;
}
