import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import { type Result, unwrap } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import { createAdmission } from "./admission.ts";
import { createGroupCommit } from "./append.ts";
import { createCardinality } from "./cardinality.ts";
import { createEventPipeline, type Protocol } from "./event-pipeline.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { createTurns } from "./turns.ts";

type Send = <Answer>(bytes: Buffer, protocol: Protocol<Answer>) => Promise<Result<Answer, IngestProblem>>;

/** All stages over a store, with a fold that is never behind. Each body is sent by a sender of its own. */
export function pipelineOn(store: Pick<EventStore, "append">, pseudonymiser: Pseudonymiser, nowMs: number): Send {
  const clock = { nowMs: () => 0 };
  const admission = createAdmission({ clock, random: () => 0 });
  const { append, hasRoom } = createGroupCommit(store, {
    clock,
    onCommit: () => turns.onCommit(),
    commitWork: () => Number.POSITIVE_INFINITY,
    onCommitted: () => {},
    onFailed: () => {},
    retryAfterS: admission.retryAfterS,
  });
  const turns = createTurns({ clock, admission, hasRoom, folding: { pressure: () => 0, waitForFold: async () => {} } });
  const ingest = createEventPipeline({
    clock: { nowMs: () => nowMs },
    eventAgeMaxMs: () => Number.POSITIVE_INFINITY,
    pseudonymiser,
    cardinality: createCardinality(),
    inTurn: turns.inTurn,
    append,
    onOutcome: () => {},
  });
  let senders = 0;
  return async (bytes, protocol) => {
    const admitted = unwrap(admission.admit(`sender ${senders++}`, bytes.length));
    const answer = await ingest({ admitted, bytes, encoding: undefined }, protocol);
    admitted.giveBack();
    return answer;
  };
}
