import { batchesOf, forEachConcurrently } from "./batches.ts";
import { createEventSender } from "./event-sender.ts";
import { startProgress } from "./progress.ts";
import { type EventFile, readEvents } from "./read-events.ts";

export type ImportSettings = EventFile & {
  readonly url: string;
  readonly key: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly json: boolean;
  readonly signal: AbortSignal;
};

/** Sends the events of a file to a running ingest process. @returns the exit code: 1 when any event was rejected */
export async function importFile(settings: ImportSettings): Promise<number> {
  const sender = createEventSender(settings);
  const { events, bytesTotal, bytesRead } = readEvents(settings);
  const progress = startProgress("import", bytesTotal, settings.json);
  try {
    await forEachConcurrently(batchesOf(events, settings.batch), settings.concurrency, async (batch) => {
      await sender.sendEvents(batch);
      progress.update(bytesRead(), `${sender.counts.accepted} accepted`);
    });
  } finally {
    progress.stop();
  }
  const { accepted, duplicates, rejected, rejectedByCode } = sender.counts;
  const byCode = Object.fromEntries(rejectedByCode);
  const reasons = Object.entries(byCode).map(([code, count]) => `\n  ${code}: ${count}`);
  process.stdout.write(
    settings.json
      ? `${JSON.stringify({ accepted, duplicates, rejected, rejectedByCode: byCode })}\n`
      : `${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected${reasons.join("")}\n`,
  );
  return rejected > 0 ? 1 : 0;
}
