import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type Circumstances, circumstancesOf } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { sessionComponent } from "../measures/session-measure.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";

/** Where a sender names no session, a gap this long between two events of a user starts a new one. */
export const sessionGapMs = 30 * 60_000;

/** Events that belong together in time: those that share a session id, or a user's run of events without one. */
export type Session = {
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  readonly first: EventStamp;
  readonly circumstances: Circumstances;
};

export function mergeSession(session: Session | undefined, event: StoredEvent): Session {
  if (session === undefined) {
    return {
      startMs: event.timestampMs,
      endMs: event.timestampMs,
      events: 1,
      first: stampOf(event),
      circumstances: circumstancesOf(event),
    };
  }
  const leads = isBefore(event, session.first);
  return {
    startMs: Math.min(session.startMs, event.timestampMs),
    endMs: Math.max(session.endMs, event.timestampMs),
    events: session.events + 1,
    first: leads ? stampOf(event) : session.first,
    circumstances: leads ? circumstancesOf(event) : session.circumstances,
  };
}

/**
 * Puts one more event among a user's runs: it opens a run, extends one, or joins the two that it closes the gap between.
 * @param runs apart by `sessionGapMs` or more, in order of time; only the neighbours of the event need be there
 * @returns the runs with the event among them, apart and in order again
 */
export function addToRuns(runs: readonly Session[], event: StoredEvent): readonly Session[] {
  const near = (run: Session) => event.timestampMs > run.startMs - sessionGapMs && event.timestampMs < run.endMs + sessionGapMs;
  const [left, right] = runs.filter(near);
  const grown = mergeSession(left, event);
  const joined = right === undefined ? grown : joinRuns(grown, right);
  return [...runs.filter((run) => !near(run)), joined].sort((a, b) => a.startMs - b.startMs);
}

// `later` starts after `run` does, so the run's first event is the first of both.
function joinRuns(run: Session, later: Session): Session {
  return { ...run, endMs: Math.max(run.endMs, later.endMs), events: run.events + later.events };
}

/** A session belongs to the bucket of its start. */
export function contributionsOfSession(session: Session): readonly Contribution[] {
  const durationMs = session.endMs - session.startMs;
  const { sessions, bounces, events, durationSumMs, durationBin0 } = sessionComponent;
  return [
    {
      measure: "session",
      atMs: session.startMs,
      dimensions: session.circumstances,
      amounts: [
        sessions,
        1,
        bounces,
        session.events === 1 ? 1 : 0,
        events,
        session.events,
        durationSumMs,
        durationMs,
        durationBin0 + binOf(durationMs),
        1,
      ],
    },
  ];
}
