import type { StoredEvent } from "@trinity/events/event";
import { bucketStart, tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import { contextOf, type EventContext } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { sessionComponent } from "../measures/session-measure.ts";
import { amountsOf } from "../vector.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";
import { contextCodec, type EntityCodec, type EntityDeclaration, keysFrom } from "./entity-declaration.ts";

/** Events that belong together in time: those that share a session id, or the events of an inferred session. */
export type Session = {
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  readonly first: EventStamp;
  readonly context: EventContext;
  /** The user of the first event: a session id may be shared by mistake. */
  readonly userId: string | null;
};

export function mergeSession(session: Session | undefined, event: StoredEvent): Session {
  if (session === undefined) {
    return {
      startMs: event.timestampMs,
      endMs: event.timestampMs,
      events: 1,
      first: stampOf(event),
      context: contextOf(event),
      userId: event.userId,
    };
  }
  const leads = isBefore(event, session.first);
  return {
    startMs: Math.min(session.startMs, event.timestampMs),
    endMs: Math.max(session.endMs, event.timestampMs),
    events: session.events + 1,
    first: leads ? stampOf(event) : session.first,
    context: leads ? contextOf(event) : session.context,
    userId: leads ? event.userId : session.userId,
  };
}

/** A session belongs to the bucket of its start, and is open in every minute from its first event's to its last one's. */
function contributionsOfSession(session: Session): readonly Contribution[] {
  const { startMs, endMs, events, context: dimensions, userId } = session;
  const durationMs = endMs - startMs;
  const counts = amountsOf(sessionComponent, { sessions: 1, bounces: events === 1 ? 1 : 0, events, durationSumMs: durationMs });
  const amounts = [...counts, sessionComponent.durationBin0 + binOf(durationMs), 1];
  return [{ measure: "session", atMs: startMs, dimensions, amounts, userId }, ...presenceOf(session)];
}

function presenceOf({ startMs, endMs, context: dimensions, userId }: Session): readonly Contribution[] {
  const opensMs = bucketStart("minute", startMs);
  const closedMs = bucketStart("minute", endMs) + tierMs.minute;
  const flow = (atMs: number, change: 1 | -1) => ({
    measure: "session_flow",
    atMs,
    dimensions,
    amounts: [minuteOfDay(atMs), change],
    userId,
  });
  const balance = (atMs: number, change: 1 | -1) => ({ measure: "session_balance", atMs, dimensions, amounts: [0, change], userId });
  const isWithinDay = bucketStart("day", opensMs) === bucketStart("day", closedMs);
  return [flow(opensMs, 1), flow(closedMs, -1), ...(isWithinDay ? [] : [balance(opensMs, 1), balance(closedMs, -1)])];
}

function minuteOfDay(atMs: number): number {
  return (atMs - bucketStart("day", atMs)) / tierMs.minute;
}

export const sessionEntity: EntityDeclaration<Session> = {
  storedKind: "session",
  subject: "user",
  partOf: null,
  rowsAre: "sessions",
  clusterOf: (key) => key,
  ownerOf: (_, { userId }) => userId,
  keysOf: ({ sessionId }) => keysFrom(sessionId),
  merge: mergeSession,
  contributions: contributionsOfSession,
  // It opens with the minute of its first event, and closes with that after its last one.
  contributesWithinMs: tierMs.minute,
  codec: contextCodec as EntityCodec<Session>,
};
