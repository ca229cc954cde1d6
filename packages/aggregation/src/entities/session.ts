import type { StoredEvent } from "@trinity/events/event";
import { bucketStart, tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import { contextOf, type EventContext } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { sessionComponent } from "../measures/session-measure.ts";
import { amountsOf } from "../vector.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";

/** Where a sender names no session, a gap this long between two events of a user starts a new one. */
export const sessionGapMs = 30 * 60_000;

/** Events that belong together in time: those that share a session id, or a user's run of events without one. */
export type Session = {
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  readonly first: EventStamp;
  readonly circumstances: EventContext;
  /** Whose the first event is: a session id may be shared by mistake. */
  readonly userId: string | null;
};

export function mergeSession(session: Session | undefined, event: StoredEvent): Session {
  if (session === undefined) {
    return {
      startMs: event.timestampMs,
      endMs: event.timestampMs,
      events: 1,
      first: stampOf(event),
      circumstances: contextOf(event),
      userId: event.userId,
    };
  }
  const leads = isBefore(event, session.first);
  return {
    startMs: Math.min(session.startMs, event.timestampMs),
    endMs: Math.max(session.endMs, event.timestampMs),
    events: session.events + 1,
    first: leads ? stampOf(event) : session.first,
    circumstances: leads ? contextOf(event) : session.circumstances,
    userId: leads ? event.userId : session.userId,
  };
}

/**
 * Puts one more event among a user's runs: it opens a run, extends one, or joins the two that it closes the gap between.
 * @param runs apart by `sessionGapMs` or more, in order of time; only the neighbours of the event need be there
 * @returns the runs with the event among them, apart and in order again
 */
export function addToInferredSessions(runs: readonly Session[], event: StoredEvent): readonly Session[] {
  const near = (run: Session) => event.timestampMs > run.startMs - sessionGapMs && event.timestampMs < run.endMs + sessionGapMs;
  const [left, right] = runs.filter(near);
  const grown = mergeSession(left, event);
  const joined = right === undefined ? grown : joinSessions(grown, right);
  return [...runs.filter((run) => !near(run)), joined].sort((a, b) => a.startMs - b.startMs);
}

// `later` starts after `run` does, so the run's first event is the first of both.
function joinSessions(run: Session, later: Session): Session {
  return { ...run, endMs: Math.max(run.endMs, later.endMs), events: run.events + later.events };
}

/** A session belongs to the bucket of its start, and is open in every minute from its first event's to its last one's. */
export function contributionsOfSession(session: Session): readonly Contribution[] {
  const { startMs, endMs, events, circumstances: dimensions, userId } = session;
  const durationMs = endMs - startMs;
  const counts = amountsOf(sessionComponent, { sessions: 1, bounces: events === 1 ? 1 : 0, events, durationSumMs: durationMs });
  const amounts = [...counts, sessionComponent.durationBin0 + binOf(durationMs), 1];
  return [{ measure: "session", atMs: startMs, dimensions, amounts, userId }, ...presenceOf(session)];
}

function presenceOf({ startMs, endMs, circumstances: dimensions, userId }: Session): readonly Contribution[] {
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
