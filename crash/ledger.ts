import type { SentEvent } from "./traffic.ts";

/** The metrics that the ledger expects, over all time. */
export type LedgerTotals = { readonly events: number; readonly votes: number; readonly active_users: number; readonly sessions: number };

/**
 * What was sent and acknowledged, stored separately from the server. It computes the expected numbers itself, in the simplest way.
 */
export class Ledger {
  readonly #sent = new Map<string, SentEvent>();
  readonly #acknowledged = new Set<string>();

  sent(events: readonly SentEvent[]): void {
    for (const event of events) this.#sent.set(event.eventId, event);
  }

  acknowledge(events: readonly SentEvent[]): void {
    for (const { eventId } of events) this.#acknowledged.add(eventId);
  }

  /** In the order of their first acknowledgement. */
  get acknowledgedIds(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  get sentIds(): ReadonlySet<string> {
    return new Set(this.#sent.keys());
  }

  totals(): LedgerTotals {
    const events = [...this.#acknowledged].map((id) => this.#sent.get(id) as SentEvent);
    const actions = events.filter(({ eventType }) => eventType === "vote_content" || eventType === "join_room");
    return {
      events: events.length,
      votes: events.filter(({ eventType }) => eventType === "vote_content").length,
      active_users: new Set(actions.map(({ userId }) => userId)).size,
      sessions: new Set(events.flatMap(({ sessionId }) => sessionId ?? [])).size + unnamedSessions(events),
    };
  }
}

const gapMs = 30 * 60_000;

/** Of a user's events without a session id, the first begins a session, and so does each one 30 minutes or more after the previous. */
function unnamedSessions(events: readonly SentEvent[]): number {
  const timesByUser = Map.groupBy(
    events.filter(({ sessionId }) => sessionId === null),
    ({ userId }) => userId,
  );
  let sessions = 0;
  for (const unnamed of timesByUser.values()) {
    const timesMs = unnamed.map(({ timestamp }) => Date.parse(timestamp)).sort((a, b) => a - b);
    sessions += timesMs.filter((atMs, i) => i === 0 || atMs - (timesMs[i - 1] as number) >= gapMs).length;
  }
  return sessions;
}
