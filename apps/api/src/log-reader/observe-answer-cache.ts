import type { Telemetry } from "@trinity/telemetry/telemetry";
import type { AnswerCache } from "./answer-cache.ts";

/** What the cache of answers did, for `/metrics`. */
export function observeAnswerCache(meter: Telemetry["meter"], cache: AnswerCache): void {
  meter
    .createObservableCounter("answer_cache.questions", {
      description: "Heavy questions that could be cached, by how they were answered.",
    })
    .addCallback((result) => {
      const { hits, joined, misses } = cache.usage();
      result.observe(hits, { outcome: "hit" });
      result.observe(joined, { outcome: "joined" });
      result.observe(misses, { outcome: "miss" });
    });
  meter
    .createObservableGauge("answer_cache.size", { unit: "By", description: "Bytes of cached answers and their keys." })
    .addCallback((result) => result.observe(cache.usage().bytes));
}
