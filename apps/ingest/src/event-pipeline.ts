import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Clock } from "@trinity/runtime/clock";
import { ok, type Result } from "@trinity/runtime/result";
import { anonymise } from "./anonymise.ts";
import type { Append } from "./append.ts";
import type { Cardinality } from "./cardinality.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { type Decoded, type Outcome, outcomeOf } from "./outcome.ts";
import { type ReceivedBody, receive } from "./receive.ts";
import { validate } from "./validate.ts";

/** How one protocol reads a body and answers its sender; all else is the same for every protocol. */
export type Protocol<Answer> = {
  /** Of the inflated body. */
  readonly bodyBytesMax: number;
  decode(body: Buffer): Result<Decoded, IngestProblem>;
  acknowledge(outcome: Outcome): Answer;
};

export type PipelineSettings = {
  readonly clock: Clock;
  /** `Infinity` takes events of any age. */
  readonly eventAgeMaxMs: number;
  readonly pseudonymiser: Pseudonymiser;
  readonly cardinality: Cardinality;
  readonly append: Append;
  /** Called for every stored request, before its sender is answered. */
  readonly onOutcome: (outcome: Outcome) => void;
};

export type EventPipeline = <Answer>(body: ReceivedBody, protocol: Protocol<Answer>) => Promise<Result<Answer, IngestProblem>>;

/** The stages of every event, of any protocol, in their order. Acknowledged events are durable. */
export function createEventPipeline(settings: PipelineSettings): EventPipeline {
  return async (body, protocol) => {
    const bytes = await receive(body, protocol.bodyBytesMax);
    if (!bytes.ok) return bytes;

    const decoded = protocol.decode(bytes.value);
    if (!decoded.ok) return decoded;

    const receivedAtMs = settings.clock.nowMs();
    const validated = validate(decoded.value, { nowMs: receivedAtMs, eventAgeMaxMs: settings.eventAgeMaxMs });

    const anonymous = anonymise(validated, receivedAtMs, settings.pseudonymiser, settings.cardinality);

    const appended = await settings.append(anonymous);
    if (!appended.ok) return appended;

    const outcome = outcomeOf(validated, appended.value);
    settings.onOutcome(outcome);
    return ok(protocol.acknowledge(outcome));
  };
}
