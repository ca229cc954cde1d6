import { setTimeout as sleep } from "node:timers/promises";
import type { HttpClient } from "@trinity/testing/http-client";
import type { SeededChoice } from "@trinity/testing/seeded-random";
import type { Ledger } from "./ledger.ts";
import { isAcknowledged } from "./sender.ts";
import type { SentEvent } from "./traffic.ts";

export type ManySettings = {
  readonly clients: readonly HttpClient[];
  readonly ledger: Ledger;
  readonly nextBatch: () => readonly SentEvent[];
  readonly random: SeededChoice;
  /** Between an answer and the next batch. */
  readonly restMs: number;
};

/** `retries`: attempts without an acknowledgement; `twice`: batches sent to two processes in parallel. */
export type ManyCounts = { retries: number; twice: number };

const retryAfterMs = 50;

/** Sends each batch to one of many processes, a tenth to two in parallel, and repeats it to any of them until one acknowledges it. */
export async function sendToMany(isOver: () => boolean, settings: ManySettings): Promise<ManyCounts> {
  const { clients, ledger, nextBatch, random, restMs } = settings;
  const counts: ManyCounts = { retries: 0, twice: 0 };
  while (!isOver()) {
    const batch = nextBatch();
    ledger.sent(batch);
    const body = Buffer.from(JSON.stringify({ events: batch }));
    for (let taken = false; !taken; ) {
      const chosen = random.chance(0.1) ? [random.pick(clients), random.pick(clients)] : [random.pick(clients)];
      if (chosen.length === 2) counts.twice += 1;
      const answers = await Promise.all(chosen.map((client) => isAcknowledged(client, body, batch.length)));
      taken = answers.includes(true);
      if (taken) break;
      counts.retries += 1;
      await sleep(retryAfterMs);
    }
    ledger.acknowledge(batch);
    await sleep(restMs);
  }
  return counts;
}
