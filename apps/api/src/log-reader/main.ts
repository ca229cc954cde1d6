/** The process that answers questions over the log for the API: it may be busy for seconds, and ends with the API. */
import { openLogColumns } from "@trinity/columns/log-columns";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import { orQuit } from "@trinity/lifecycle/quit";
import { createQuery } from "@trinity/query/query";
import { createRepeating } from "@trinity/runtime/repeating";
import { timerSleep } from "@trinity/runtime/sleep";
import { storesOf } from "@trinity/store-factory/stores";
import { parseConfig } from "../config.ts";
import type { ReaderReply, ReaderRequest } from "./messages.ts";
import { thrownErrorOf } from "./thrown-error.ts";

/** Until then the newest events are read from the log. */
const pullEveryMs = 10_000;

const stores = await storesOf(orQuit(parseConfig(process.env)));
const store = stores.openEventStore("readonly");
const { segmentsDir, segmentBucket } = stores;
const columns = segmentsDir === null ? undefined : openLogColumns({ store, segmentsDir, onTrouble: (trouble) => send({ trouble }) });
// The check of the log is no question over the log: the API answers it.
const query = createQuery({ store, columns, readLogCheck: async () => null });
if (segmentsDir !== null && segmentBucket !== null) {
  const bucket = openSegmentBucket(segmentBucket);
  const pull = () => bucket.pull(segmentsDir, Date.now()).catch((error: Error) => send({ trouble: error.message }));
  createRepeating(pull, pullEveryMs, timerSleep).start();
}
const running = new Map<number, AbortController>();

process.on("message", (request: ReaderRequest) => {
  if (request.kind === "cancel") running.get(request.id)?.abort();
  else void answer(request).then(send);
});
// An orderly exit waits for what runs.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

function send(reply: ReaderReply): void {
  process.send?.(reply);
}

async function answer({ id, question, caller, nowMs }: ReaderRequest & { readonly kind: "answer" }): Promise<ReaderReply> {
  const cancelling = new AbortController();
  running.set(id, cancelling);
  try {
    const result = await query.answer(question, caller, nowMs, cancelling.signal);
    return { id, result: result as Extract<ReaderReply, { result: unknown }>["result"] };
  } catch (error) {
    return { id, thrown: thrownErrorOf(error) };
  } finally {
    running.delete(id);
  }
}
