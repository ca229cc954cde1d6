import { type AnonymousEvent, anonymiseEvent } from "@trinity/anonymization/anonymise-event";
import { eventKeyOf } from "@trinity/anonymization/event-key";
import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import { positionsOf } from "@trinity/events/event-order";
import type { AppendBatch } from "@trinity/storage/event-store";
import type { Cardinality } from "./cardinality.ts";
import type { Validated } from "./outcome.ts";

/** Everything behind this stage, the log and its files included, knows people, rooms and sessions by pseudonym only. */
export function anonymise(validated: Validated, receivedAtMs: number, pseudonymiser: Pseudonymiser, cardinality: Cardinality): AppendBatch {
  const { events, indexes, rejected } = validated;
  const anonymous = events.map((reported) => anonymiseEvent(reported, receivedAtMs, pseudonymiser));
  const positions = positionsOf(events, indexes, batchOf(anonymous));
  return {
    receivedAtMs,
    events: anonymous.map(({ key, event }, i) => {
      const position = positions[i];
      return { key, event: cardinality.limit(position === undefined ? event : { ...event, position }) };
    }),
    rejections: rejected.map(({ source, rejection: { eventId, code } }) => ({
      key: eventId === null ? null : eventKeyOf(eventId, pseudonymiser),
      source,
      code,
    })),
  };
}

/** The last bytes of a key are random, or a digest; the first of a UUID may be the time. */
function batchOf([first]: readonly AnonymousEvent[]): number {
  return first === undefined ? 0 : first.key.readUInt32BE(first.key.length - 4);
}
