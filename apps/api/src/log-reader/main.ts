/** The process that answers questions over the log for the API: it may be busy for seconds, and ends with the API. */
import { openLogColumns } from "@trinity/columns/log-columns";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import { answerParent } from "@trinity/lifecycle/answer-parent";
import { orQuit } from "@trinity/lifecycle/quit";
import { createQuery } from "@trinity/query/query";
import { createRepeating } from "@trinity/runtime/repeating";
import { timerSleep } from "@trinity/runtime/sleep";
import { storesOf } from "@trinity/store-factory/stores";
import { parseConfig } from "../config.ts";
import type { ReaderReply, ReaderRequest } from "./messages.ts";
import { thrownErrorOf } from "./thrown-error.ts";
import { type ValuePart, valueParts } from "./value-parts.ts";

/** Until then the newest events are read from the log. */
const pullEveryMs = 10_000;

const stores = await storesOf(orQuit(parseConfig(process.env)));
const store = stores.openEventStore("readonly");
const { segmentsDir, segmentBucket } = stores;
const columns = segmentsDir === null ? undefined : openLogColumns({ store, segmentsDir, onTrouble: (trouble) => tell(trouble) });
// The check of the log is no question over the log: the API answers it.
const query = createQuery({ store, columns, readLogCheck: async () => null });
const tell = answerParent<ReaderRequest, ValuePart, ReaderReply>(async ({ question, caller, nowMs }, call) => {
  try {
    const result = await query.answer(question, caller, nowMs, call.signal);
    for (const part of valueParts(result)) await call.send(part);
    return null;
  } catch (error) {
    return { thrown: thrownErrorOf(error) };
  }
});
if (segmentsDir !== null && segmentBucket !== null) {
  const bucket = openSegmentBucket(segmentBucket);
  const pull = () => bucket.pull(segmentsDir, Date.now()).catch((error: Error) => tell(error.message));
  createRepeating(pull, pullEveryMs, timerSleep).start();
}
