import type { StoredEvent } from "@trinity/events/event";

type Resource = { readonly resource: string /** How many of the reported units make one of ours. */; readonly per: number };

const asReported = (resource: string): Resource => ({ resource, per: 1 });

/** The resources that are watched, by the metrics of the OpenTelemetry semantic conventions that report them: shares, seconds, and MiB. */
const resourceOfMetric: ReadonlyMap<string, Resource> = new Map([
  ["process.cpu.utilization", asReported("cpu")],
  ["system.cpu.utilization", asReported("host_cpu")],
  ["process.memory.usage", { resource: "memory", per: 1_048_576 }],
  ["system.memory.utilization", asReported("host_memory")],
  ["nodejs.eventloop.delay.mean", asReported("event_loop_delay")],
  ["nodejs.eventloop.delay.p99", asReported("event_loop_delay")],
  ["v8js.gc.duration", asReported("gc")],
  ["db.client.operation.duration", asReported("store_latency")],
]);

/** Every resource that is watched, by name. */
export const watchedResources: readonly string[] = [...new Set([...resourceOfMetric.values()].map(({ resource }) => resource))];

function watched(event: StoredEvent): Resource | undefined {
  return event.eventType === "metric_point" ? resourceOfMetric.get(event.properties.metric as string) : undefined;
}

/** @returns the resource that a data point of a metric is about; `undefined` for any other metric or event */
export function resourceOf(event: StoredEvent): string | undefined {
  return watched(event)?.resource;
}

/** A value that was seen `count` times, in whole millionths of its unit. */
export type Observation = { readonly count: number; readonly millionths: number };

/** @returns what a data point observed: its value, or for a histogram its mean as often as it counts; `null` where there is none */
export function observedResource(event: StoredEvent): Observation | null {
  const resource = watched(event);
  if (resource === undefined) return null;
  const { value, count, sum } = event.properties as Readonly<Record<string, number | undefined>>;
  if (value !== undefined) return observation(1, value / resource.per);
  return count === undefined || count === 0 || sum === undefined ? null : observation(count, sum / count / resource.per);
}

/** Beyond this a sum of many would no longer be exact; no resource of ours is measured in it. */
const millionthsMax = 1e15;

function observation(count: number, value: number): Observation | null {
  const millionths = Math.round(value * 1e6);
  return millionths >= 0 && millionths <= millionthsMax ? { count, millionths } : null;
}
