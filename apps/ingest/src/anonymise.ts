import { anonymiseEvent } from "@trinity/anonymization/anonymise-event";
import { eventKeyOf } from "@trinity/anonymization/event-key";
import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { AppendBatch } from "@trinity/storage/event-store";
import type { Cardinality } from "./cardinality.ts";
import type { Validated } from "./outcome.ts";

/** Everything behind this stage, the log and its files included, knows people, rooms and sessions by pseudonym only. */
export function anonymise(validated: Validated, receivedAtMs: number, pseudonymiser: Pseudonymiser, cardinality: Cardinality): AppendBatch {
  const { events, rejected } = validated;
  return {
    receivedAtMs,
    events: events.map((reported) => {
      const { key, event } = anonymiseEvent(reported, receivedAtMs, pseudonymiser);
      return { key, event: cardinality.limit(event) };
    }),
    refusals: rejected.map(({ source, rejection: { eventId, code } }) => ({
      key: eventId === null ? null : eventKeyOf(eventId, pseudonymiser),
      source,
      code,
    })),
  };
}
