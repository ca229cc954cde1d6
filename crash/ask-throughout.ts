import { setTimeout as sleep } from "node:timers/promises";
import type { HttpClient } from "@trinity/testing/http-client";
import type { Ledger } from "./ledger.ts";

/** `wrong`: answers without events that were acknowledged before the request, or with events that were never sent. */
export type AskCounts = { answered: number; unavailable: number; wrong: number };

/** Asks one API repeatedly for fresh totals. It may be dead or unavailable, but its answers must never be wrong. */
export async function askThroughout(isOver: () => boolean, client: HttpClient, ledger: Ledger): Promise<AskCounts> {
  const counts: AskCounts = { answered: 0, unavailable: 0, wrong: 0 };
  for (; !isOver(); await sleep(250)) {
    const acknowledged = ledger.acknowledgedIds.size;
    const answer = await client.get("/api/v1/metrics/events?from=1970-01-01&to=2100-01-01&granularity=total&fresh=true").catch(() => null);
    if (answer === null || answer.status === 503) {
      counts.unavailable += 1;
      continue;
    }
    const total = answer.status === 200 ? (JSON.parse(answer.text) as { totals: { value: number }[] }).totals[0]?.value : undefined;
    if (total === undefined || total < acknowledged || total > ledger.sentIds.size) counts.wrong += 1;
    else counts.answered += 1;
  }
  return counts;
}
