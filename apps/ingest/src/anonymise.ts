import { anonymiseEvent } from "@trinity/anonymization/anonymise-event";
import { eventKeyOf } from "@trinity/anonymization/event-key";
import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { ReportedEvent } from "@trinity/events/event";
import { positionsOf } from "@trinity/events/event-order";
import type { AppendBatch } from "@trinity/storage/event-store";
import type { Cardinality } from "./cardinality.ts";
import type { Validated } from "./outcome.ts";

/** Everything behind this stage, the log and its files included, knows people, rooms and sessions by pseudonym only. */
export function anonymise(validated: Validated, receivedAtMs: number, pseudonymiser: Pseudonymiser, cardinality: Cardinality): AppendBatch {
  const { events, indexes, rejected } = validated;
  const positions = positionsOf(events, indexes, batchOf(events, pseudonymiser));
  return {
    receivedAtMs,
    events: events.map((reported, i) => {
      const anonymous = anonymiseEvent(reported, receivedAtMs, pseudonymiser, positions[i]);
      const event = cardinality.limit(anonymous.event);
      return event === anonymous.event ? anonymous : { key: anonymous.key, event };
    }),
    rejections: rejected.map(({ source, rejection: { eventId, code } }) => ({
      key: eventId === null ? null : eventKeyOf(eventId, pseudonymiser),
      source,
      code,
    })),
  };
}

/** The last bytes of a key are random, or a digest; the first of a UUID may be the time. */
function batchOf([first]: readonly ReportedEvent[], pseudonymiser: Pseudonymiser): number {
  if (first === undefined) return 0;
  const key = eventKeyOf(first.eventId, pseudonymiser);
  return key.readUInt32BE(key.length - 4);
}
