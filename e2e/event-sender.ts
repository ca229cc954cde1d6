import { gzipSync } from "node:zlib";
import type { RealProcesses } from "./real-process.ts";

export type SentEvent = { readonly eventId: string; readonly eventType: string; readonly timestamp: number } & Readonly<
  Record<string, unknown>
>;
export type Acknowledged = { readonly accepted: number; readonly duplicates: number; readonly rejected: readonly unknown[] };

/** Sends one batch. @throws {Error} for any answer but 202 */
async function sendBatch(
  { ingestUrl, ingestKey }: Pick<RealProcesses, "ingestUrl" | "ingestKey">,
  events: readonly SentEvent[],
  encoding: "gzip" | "identity",
): Promise<Acknowledged> {
  const json = JSON.stringify({ events });
  const response = await fetch(`${ingestUrl}/v1/events`, {
    method: "POST",
    headers: { "x-api-key": ingestKey, "content-type": "application/json", "content-encoding": encoding },
    body: encoding === "gzip" ? gzipSync(json, { level: 1 }) : json,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`a batch of ${events.length} events: ${response.status} ${text}`);
  return JSON.parse(text) as Acknowledged;
}

/** Sends batches, several at once. @returns the outcomes of all their events */
export async function sendAll(
  processes: Pick<RealProcesses, "ingestUrl" | "ingestKey">,
  batches: readonly (readonly SentEvent[])[],
  { senders, encodingOf }: { readonly senders: number; readonly encodingOf: (batch: number) => "gzip" | "identity" },
): Promise<Acknowledged> {
  const sum = { accepted: 0, duplicates: 0, rejected: [] as unknown[] };
  const queue = batches.entries();
  const work = async () => {
    for (const [i, batch] of queue) {
      const { accepted, duplicates, rejected } = await sendBatch(processes, batch, encodingOf(i));
      sum.accepted += accepted;
      sum.duplicates += duplicates;
      sum.rejected.push(...rejected);
    }
  };
  await Promise.all(Array.from({ length: senders }, work));
  return sum;
}
