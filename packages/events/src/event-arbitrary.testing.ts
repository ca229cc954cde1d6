import fc from "fast-check";
import { catalogue } from "./catalogue.ts";
import type { EventDefinition } from "./define-event.ts";
import type { EventContext, EventSource, ReportedEvent } from "./event.ts";
import { propertiesOf } from "./property-arbitrary.testing.ts";

/** Generators of valid events for property tests, derived from the catalogue: a new event type is generated as soon as it is declared. */

export type EventRange = {
  readonly definitions?: readonly EventDefinition[];
  /** Timestamps are in `[fromMs, toMs)`. */
  readonly fromMs?: number;
  readonly toMs?: number;
};

const year2026Ms = Date.UTC(2026, 0);
const year2027Ms = Date.UTC(2027, 0);

const anyContext: fc.Arbitrary<EventContext> = fc.record(
  {
    platform: fc.constantFrom("android", "ios", "web"),
    deviceType: fc.constantFrom("phone", "tablet", "desktop"),
    appVersion: fc.constantFrom("3.1.0", "3.2.0"),
    locale: fc.constantFrom("es-ES", "en-GB"),
    ageBand: fc.constantFrom("18-24", "25-34", "35-44"),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const anySource: fc.Arbitrary<EventSource> = fc.record(
  {
    system: fc.constantFrom("app", "lambda", "stream", "nestjs"),
    generation: fc.constantFrom("G0", "G2", "G3"),
    component: fc.constantFrom("trinity-vote-dev", "trinity-room-dev"),
  },
  { requiredKeys: ["system"], noNullPrototype: true },
);

/** A valid event of any type, as `parseEvent` returns it. */
export const anyReportedEvent: fc.Arbitrary<ReportedEvent> = eventsIn();

/** @returns valid events of some types and times, of few users and rooms so that they meet each other */
export function eventsIn({
  definitions = catalogue,
  fromMs = year2026Ms,
  toMs = year2027Ms,
}: EventRange = {}): fc.Arbitrary<ReportedEvent> {
  const timestampMs = fc.integer({ min: fromMs, max: toMs - 1 });
  return fc.oneof(...definitions.map((definition) => eventOf(definition, timestampMs)));
}

/** @returns the candidate that a sender would post for `event` */
export function candidateOf({ timestampMs, ...event }: ReportedEvent): Record<string, unknown> {
  return { ...event, timestamp: new Date(timestampMs).toISOString() };
}

function eventOf(definition: EventDefinition, timestampMs: fc.Arbitrary<number>): fc.Arbitrary<ReportedEvent> {
  return fc.record({
    eventId: fc.uuid(),
    eventType: fc.constant(definition.eventType),
    timestampMs,
    userId: anyIdOf("user"),
    roomId: anyIdOf("room"),
    sessionId: anyIdOf("session"),
    properties: propertiesOf(definition),
    context: anyContext,
    source: anySource,
  });
}

function anyIdOf(kind: string): fc.Arbitrary<string | null> {
  const id = fc.nat({ max: 20 }).map((number) => `${kind}-${number}`);
  return fc.option(id, { nil: null, freq: 8 });
}
