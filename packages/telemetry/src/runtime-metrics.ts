import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from "node:perf_hooks";
import { getHeapSpaceStatistics } from "node:v8";
import type { Meter } from "@opentelemetry/api";

// OpenTelemetry's own instrumentation of the runtime measures the same, but patches `require` for that.

/**
 * What Node says of its event loop, heap and garbage collector, by the names of the semantic conventions.
 * @returns stops measuring
 */
export function observeRuntime(meter: Meter): () => void {
  const stopDelay = observeEventLoopDelay(meter);
  const stopGc = observeGarbageCollection(meter);
  observeEventLoopUtilization(meter);
  observeHeap(meter);
  return () => {
    stopDelay();
    stopGc();
  };
}

/** How far apart samples of the event loop lie since the previous collection; an idle loop shows their interval, 10 ms. */
function observeEventLoopDelay(meter: Meter): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const gauge = (statistic: string) =>
    meter.createObservableGauge(`nodejs.eventloop.delay.${statistic}`, { unit: "s", description: `Event loop delay, ${statistic}.` });
  const [mean, p50, p99, max] = [gauge("mean"), gauge("p50"), gauge("p99"), gauge("max")];
  meter.addBatchObservableCallback(
    (result) => {
      if (delay.count === 0) return; // nothing measured is not a delay of zero
      result.observe(mean, delay.mean / 1e9);
      result.observe(p50, delay.percentile(50) / 1e9);
      result.observe(p99, delay.percentile(99) / 1e9);
      result.observe(max, delay.max / 1e9);
      delay.reset();
    },
    [mean, p50, p99, max],
  );
  return () => delay.disable();
}

function observeEventLoopUtilization(meter: Meter): void {
  let before = performance.eventLoopUtilization();
  meter
    .createObservableGauge("nodejs.eventloop.utilization", {
      unit: "1",
      description: "Share of the time in which the event loop was busy.",
    })
    .addCallback((result) => {
      const now = performance.eventLoopUtilization();
      result.observe(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    });
}

function observeHeap(meter: Meter): void {
  const used = meter.createObservableGauge("v8js.memory.heap.used", { unit: "By", description: "Heap memory in use, by space." });
  const size = meter.createObservableGauge("v8js.memory.heap.space.size", { unit: "By", description: "Heap memory reserved, by space." });
  meter.addBatchObservableCallback(
    (result) => {
      for (const space of getHeapSpaceStatistics()) {
        const attributes = { "v8js.heap.space.name": space.space_name };
        result.observe(used, space.space_used_size, attributes);
        result.observe(size, space.space_size, attributes);
      }
    },
    [used, size],
  );
}

const gcTypes = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"],
]);

function observeGarbageCollection(meter: Meter): () => void {
  const duration = meter.createHistogram("v8js.gc.duration", {
    unit: "s",
    description: "Pauses for garbage collection, by type.",
    advice: { explicitBucketBoundaries: [0.001, 0.01, 0.1, 1] },
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) duration.record(entry.duration / 1_000, { "v8js.gc.type": gcTypeOf(entry) });
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}

/** @param entry of type `gc`: Node's declarations leave its detail out */
function gcTypeOf(entry: object): string {
  const { detail } = entry as { readonly detail?: { readonly kind: number } };
  return gcTypes.get(detail?.kind ?? -1) ?? "other";
}
