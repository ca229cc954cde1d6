import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Clock } from "@trinity/runtime/clock";
import { ok, type Result } from "@trinity/runtime/result";
import { anonymise } from "./anonymise.ts";
import type { Append } from "./append.ts";
import type { Cardinality } from "./cardinality.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { type Decoded, type Outcome, outcomeOf } from "./outcome.ts";
import { type ReceivedBody, receive } from "./receive.ts";
import type { InTurn } from "./turns.ts";
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
  /** The oldest event that a sender may send; `Infinity` takes events of any age. */
  readonly eventAgeMaxMs: (sender: string) => number;
  readonly pseudonymiser: Pseudonymiser;
  readonly cardinality: Cardinality;
  readonly inTurn: InTurn;
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
    const admitted = body.admitted.growTo(bytes.value.length);
    if (!admitted.ok) return admitted;
    return settings.inTurn(body.admitted, bytes.value.length, () => take(body.admitted.sender, bytes.value, protocol));
  };

  async function take<Answer>(sender: string, bytes: Buffer, protocol: Protocol<Answer>): Promise<Result<Answer, IngestProblem>> {
    const decoded = protocol.decode(bytes);
    if (!decoded.ok) return decoded;

    const receivedAtMs = settings.clock.nowMs();
    const validated = validate(decoded.value, { nowMs: receivedAtMs, eventAgeMaxMs: settings.eventAgeMaxMs(sender) });

    const anonymous = anonymise(validated, receivedAtMs, settings.pseudonymiser, settings.cardinality);

    const appended = await settings.append(anonymous);
    if (!appended.ok) return appended;

    const outcome = outcomeOf(validated, appended.value);
    settings.onOutcome(outcome);
    return ok(protocol.acknowledge(outcome));
  }
}
