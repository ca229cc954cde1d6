import type { EventStore } from "@trinity/storage/event-store";
import { Gauge, type Registry } from "prom-client";

type FoldProgress = Pick<EventStore, "headSeq" | "readWatermark">;

/** Prometheus metrics of the fold. They are absent while the store does not answer. */
export function createFoldMetrics(store: FoldProgress, registry: Registry): { refresh(): Promise<void> } {
  const unfolded = new Gauge({
    name: "trinity_worker_unfolded_chunks",
    help: "Chunks of the log that are not folded yet.",
    registers: [registry],
  });
  return {
    refresh: async () => {
      const chunks = await unfoldedChunks(store).catch(() => null);
      unfolded.remove();
      if (chunks !== null) unfolded.set(chunks);
    },
  };
}

async function unfoldedChunks(store: FoldProgress): Promise<number> {
  // The watermark first: it is never ahead of a head that is read later.
  const { seq } = await store.readWatermark();
  return (await store.headSeq()) - seq;
}
