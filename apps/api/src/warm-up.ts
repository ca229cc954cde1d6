import type { Query } from "@trinity/query/query";
import type { Clock } from "@trinity/runtime/clock";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import { dashboardOverview, systemOverview } from "./overviews.ts";

/** Other processes of the product start meanwhile. */
const startAfterMs = 10_000;
const rangeMs = 30 * 86_400_000;
const caller = { process: "worker" } as const;

export type WarmUpSettings = {
  readonly query: Query;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How often each question is asked. */
  readonly times: number;
};

/**
 * Asks what dashboards ask first, up to the present, and drops the answers: it starts the process that reads the log and its engine, and has their
 * code compiled, which would take the first callers two seconds. Ends at the first question that is not answered.
 * @param signal ends it
 */
export async function warmUp({ query, clock, sleep, times }: WarmUpSettings, signal: AbortSignal): Promise<void> {
  await sleepUnlessAborted(sleep, startAfterMs, signal);
  for (let i = 0; i < times && !signal.aborted; i++) {
    for (const numbers of [dashboardOverview, systemOverview]) {
      const toMs = clock.nowMs();
      const scope = { fromMs: toMs - rangeMs, toMs, timeZone: "UTC", filters: [] };
      const isAnswered = await query.answer({ kind: "overview", scope, numbers }, caller, toMs, signal).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!isAnswered) return;
    }
  }
}
