import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Clock } from "@trinity/runtime/clock";
import { anonymise } from "./anonymise.ts";
import type { Append } from "./append.ts";
import type { Cardinality } from "./cardinality.ts";
import { type IngestProblem, isProblem } from "./ingest-problem.ts";
import { type Decoded, type Outcome, outcomeOf } from "./outcome.ts";
import { type ReceivedBody, receive } from "./receive.ts";
import { validate } from "./validate.ts";

/** What differs between the ways that events come in: how a body is read, and how its sender is answered. */
export type Protocol<Answer> = {
  /** How many bytes a body may have, inflated. */
  readonly bodyBytesMax: number;
  decode(body: Buffer): Decoded | IngestProblem;
  acknowledge(outcome: Outcome): Answer;
};

export type PipelineSettings = {
  readonly clock: Clock;
  /** `Infinity` takes events of any age. */
  readonly eventAgeMaxMs: number;
  readonly pseudonymiser: Pseudonymiser;
  readonly cardinality: Cardinality;
  readonly append: Append;
  /** Told of every request that was taken, before its sender is. */
  readonly onOutcome: (outcome: Outcome) => void;
};

export type EventPipeline = <Answer>(body: ReceivedBody, protocol: Protocol<Answer>) => Promise<Answer | IngestProblem>;

/** The way of every event, whatever protocol brings it: a stage a line, in their order. What is acknowledged is durable. */
export function createEventPipeline(settings: PipelineSettings): EventPipeline {
  return async (body, protocol) => {
    const bytes = await receive(body, protocol.bodyBytesMax);
    if (isProblem(bytes)) return bytes;

    const decoded = protocol.decode(bytes);
    if (isProblem(decoded)) return decoded;

    const receivedAtMs = settings.clock.nowMs();
    const validated = validate(decoded, { nowMs: receivedAtMs, eventAgeMaxMs: settings.eventAgeMaxMs });

    const anonymous = anonymise(validated, receivedAtMs, settings.pseudonymiser, settings.cardinality);

    const appended = await settings.append(anonymous);
    if (isProblem(appended)) return appended;

    const outcome = outcomeOf(validated, appended);
    settings.onOutcome(outcome);
    return protocol.acknowledge(outcome);
  };
}
