import type { StoredEvent } from "@trinity/events/event";
import { isTelemetry } from "../telemetry-event.ts";
import type { EntityDeclaration } from "./entity-declaration.ts";
import { mergeSession, type Session, sessionEntity } from "./session.ts";

/** Between two events of a user without a session id, a gap this long starts a new session. */
export const sessionGapMs = 30 * 60_000;

/** The key of an inferred session: its user and its start, so that keys of one user are in order of time. */
export function inferredSessionKey(userId: string, startMs: number): string {
  return `${userId}/${String(startMs).padStart(15, "0")}`;
}

export function userOfInferredSession(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** True for an event of a user that names no session. */
export function belongsToInferredSession(event: StoredEvent): boolean {
  return event.userId !== null && event.sessionId === null && !isTelemetry(event);
}

/**
 * Adds an event to the inferred sessions of a user: it opens one, extends one, or joins two by closing the gap between them.
 * @param sessions at least `sessionGapMs` apart, in order of time; only the neighbours of the event are needed
 * @returns the sessions with the event, again apart and in order
 */
export function addToInferredSessions(sessions: readonly Session[], event: StoredEvent): readonly Session[] {
  const isNear = ({ startMs, endMs }: Session) => event.timestampMs > startMs - sessionGapMs && event.timestampMs < endMs + sessionGapMs;
  const [left, right] = sessions.filter(isNear);
  const grown = mergeSession(left, event);
  const joined = right === undefined ? grown : joinSessions(grown, right);
  return [...sessions.filter((session) => !isNear(session)), joined].sort((a, b) => a.startMs - b.startMs);
}

// `later` starts later, so the first event of `session` is the first of both.
function joinSessions(session: Session, later: Session): Session {
  return { ...session, endMs: Math.max(session.endMs, later.endMs), events: session.events + later.events };
}

/** Events do not name an inferred session: which one they belong to depends on the other events of the user. */
export const inferredSessionEntity: EntityDeclaration<Session> = {
  ...sessionEntity,
  storedKind: "run",
  clusterOf: userOfInferredSession,
  ownerOf: userOfInferredSession,
  keysOf: () => [],
};
