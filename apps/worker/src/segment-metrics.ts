import { readManifest } from "@trinity/columns/manifest";
import { Counter, Gauge, type Registry } from "prom-client";

export type SegmentMetrics = { countSealed(events: number): void; refresh(): Promise<void> };

/** Prometheus metrics of the sealed segments of the log. The gauges are absent while nothing is sealed. */
export function createSegmentMetrics(segmentsDir: string, registry: Registry): SegmentMetrics {
  const registers = [registry];
  const sealed = new Counter({ name: "trinity_sealed_events_total", help: "Events written into segments by this process.", registers });
  const segments = new Gauge({ name: "trinity_segments", help: "Sealed segments of the log.", registers });
  const bytes = new Gauge({ name: "trinity_segment_bytes", help: "Bytes of all sealed segments.", registers });
  const throughSeq = new Gauge({ name: "trinity_sealed_through_chunk", help: "The last chunk that the segments have.", registers });
  return {
    countSealed: (events) => sealed.inc(events),
    refresh: async () => {
      const manifest = readManifest(segmentsDir);
      for (const gauge of [segments, bytes, throughSeq]) gauge.remove();
      if (manifest === null) return;
      segments.set(manifest.segments.length);
      bytes.set(manifest.segments.reduce((sum, one) => sum + one.bytes, 0));
      throughSeq.set(manifest.throughSeq);
    },
  };
}
