import { forEachConcurrently } from "@trinity/runtime/limiter";
import type { Random } from "@trinity/runtime/random";
import type { Sleep } from "@trinity/runtime/sleep";
import { batchesOf } from "./batches.ts";
import { FileError } from "./event-file.ts";
import { bodyBytesMax, createEventSender, type Rejection } from "./event-sender.ts";
import { startProgress } from "./progress.ts";
import { type EventFile, type EventOfFile, readEvents } from "./read-events.ts";

export type ImportSettings = EventFile & {
  readonly url: string;
  readonly key: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly json: boolean;
  readonly sleep: Sleep;
  readonly random: Random;
  readonly signal: AbortSignal;
};

/** An event of the file that ingest rejected. */
type RejectedLine = { readonly line: number } & Omit<Rejection, "index">;

/** How many rejected events are shown; the rest are only counted. */
const shownMax = 20;
/** A request with this many bytes of events stays below the limit of ingest, its envelope included. */
const eventBytesMax = bodyBytesMax - 64;

/**
 * Sends the events of a file to a running ingest process. It ends at a line that cannot be sent; the events before that line were sent and are counted.
 * @returns the exit code: 1 when any event was rejected or the file was not sent to its end, 2 when it could not be opened
 */
export async function importFile(settings: ImportSettings): Promise<number> {
  const { path, json } = settings;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const file = opened(settings, say);
  if (file === null) return 2;
  const sender = createEventSender({ ...settings, say });
  let shown: readonly RejectedLine[] = [];
  const progress = startProgress("import", file.bytesTotal, json);
  let failure: unknown = null;
  try {
    const bytes = { max: eventBytesMax, of: bytesOf };
    await forEachConcurrently(
      batchesOf(sendable(file.events), { itemsMax: settings.batch, bytes }),
      settings.concurrency,
      async (batch) => {
        const rejected = await sender.sendEvents(batch.map(({ event }) => event));
        const lines = rejected.map(({ index, ...why }) => ({ line: batch[index]?.line ?? 0, ...why }));
        shown = [...shown, ...lines].sort((one, other) => one.line - other.line).slice(0, shownMax);
        progress.update(file.bytesRead(), `${sender.counts.accepted} accepted`);
      },
    );
  } catch (error) {
    failure = error;
  } finally {
    progress.stop();
  }
  const { rejectedByCode, ...counts } = sender.counts;
  const byCode = Object.fromEntries(rejectedByCode);
  const why = failure === null ? null : settings.signal.aborted ? "stopped" : failureText(path, failure);
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...counts, rejectedByCode: byCode, firstRejected: shown, ...(why === null ? {} : { endedBy: why }) })}\n`
      : textOf(counts, byCode, shown),
  );
  if (why !== null) {
    const sent = counts.accepted + counts.duplicates + counts.rejected;
    say(
      `${why}\n${sent} events of the file were sent before it ended there. Import the file again once that is mended: what was sent counts once`,
    );
  }
  return counts.rejected > 0 || why !== null ? 1 : 0;
}

function opened(settings: ImportSettings, say: (line: string) => void) {
  try {
    return readEvents(settings);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    say(failureText(settings.path, error));
    return null;
  }
}

const bytesOf = ({ event }: EventOfFile) => Buffer.byteLength(JSON.stringify(event)) + 1;

/** @throws {FileError} at an event that is too large for any request */
async function* sendable(events: AsyncIterable<EventOfFile>): AsyncGenerator<EventOfFile> {
  for await (const event of events) {
    if (bytesOf(event) > eventBytesMax)
      throw new FileError(`line ${event.line}: the event is larger than 1 MiB: shorten it, or leave it out`);
    yield event;
  }
}

function failureText(path: string, error: unknown): string {
  if (error instanceof FileError) return `${path}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

type Counts = { readonly accepted: number; readonly duplicates: number; readonly rejected: number; readonly droppedProperties: number };

function textOf(counts: Counts, byCode: Readonly<Record<string, number>>, shown: readonly RejectedLine[]): string {
  const { accepted, duplicates, rejected, droppedProperties } = counts;
  const lines = [
    `${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected`,
    ...(droppedProperties > 0 ? [`${droppedProperties} properties are in no schema and were left out`] : []),
    ...Object.entries(byCode).map(([code, count]) => `  ${code}: ${count}`),
    ...shown.map(lineOf),
    ...(rejected > shown.length ? [`  and ${rejected - shown.length} more`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function lineOf({ line, eventId, code, path, message }: RejectedLine): string {
  const id = eventId === null || eventId === undefined ? "" : `, eventId ${eventId}`;
  const where = path === undefined || path === "" ? "" : ` at ${path}`;
  return `  line ${line}${id}: ${code}${where}${message === undefined ? "" : `: ${message}`}`;
}
