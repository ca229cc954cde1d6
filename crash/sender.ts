import { setTimeout as sleep } from "node:timers/promises";
import type { HttpClient } from "@trinity/testing/http-client";
import type { Gate } from "./gate.ts";
import type { Ledger } from "./ledger.ts";
import type { SentEvent } from "./traffic.ts";

export type SenderSettings = {
  readonly client: HttpClient;
  readonly ledger: Ledger;
  readonly nextBatch: () => readonly SentEvent[];
  /** No new batch while it is closed; running requests go on. */
  readonly gate: Gate;
  /** Between an answer and the next batch. */
  readonly restMs: number;
  readonly onAcknowledged: () => void;
};

/** Attempts without an acknowledgement: the server was dead, or asked to retry. */
export type SenderCounts = { retries: number };

const retryAfterMs = 50;

/** Sends batch after batch until it is stopped; a batch is sent again until it is acknowledged. */
export async function sendUntil(stopped: () => boolean, settings: SenderSettings): Promise<SenderCounts> {
  const { client, ledger, nextBatch, gate, restMs, onAcknowledged } = settings;
  const counts: SenderCounts = { retries: 0 };
  for (await gate.passed(); !stopped(); await gate.passed()) {
    const batch = nextBatch();
    ledger.sent(batch);
    const body = Buffer.from(JSON.stringify({ events: batch }));
    while (!(await isAcknowledged(client, body, batch.length))) {
      counts.retries += 1;
      await sleep(retryAfterMs);
    }
    ledger.acknowledge(batch);
    onAcknowledged();
    await sleep(restMs);
  }
  return counts;
}

/**
 * @returns false if the batch must be sent again: the answer is missing or incomplete, or asks for a retry
 * @throws {Error} if the server rejects a valid batch
 */
export async function isAcknowledged(client: HttpClient, body: Buffer, events: number): Promise<boolean> {
  const answer = await client.post("/v1/events", body).catch(() => null);
  if (answer === null || answer.status === 429 || answer.status === 503) return false;
  if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
  const { accepted, duplicates, rejected } = JSON.parse(answer.text) as {
    accepted: number;
    duplicates: number;
    rejected: readonly object[];
  };
  if (rejected.length > 0 || accepted + duplicates !== events) throw new Error(`not all of ${events} events were accepted: ${answer.text}`);
  return true;
}
