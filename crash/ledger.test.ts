import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import type { SentEvent } from "./traffic.ts";

const minuteMs = 60_000;

function sent(eventId: string, about: Partial<SentEvent> & { readonly atMs?: number }): SentEvent {
  const { atMs = 0, ...rest } = about;
  return {
    eventId,
    eventType: "vote_content",
    properties: {},
    timestamp: new Date(atMs).toISOString(),
    userId: "u",
    roomId: "r",
    sessionId: "s",
    context: { platform: "ios", deviceType: "phone", appVersion: "1", ipAddress: "203.0.113.9" },
    source: { system: "app" },
    ...rest,
  };
}

function ledgerOf(events: readonly SentEvent[]): Ledger {
  const ledger = new Ledger();
  ledger.sent(events);
  ledger.acknowledge(events);
  return ledger;
}

test("events that were never acknowledged are not counted", () => {
  const ledger = new Ledger();
  ledger.sent([sent("a", {}), sent("b", {})]);
  ledger.acknowledge([sent("a", {})]);
  expect(ledger.totals()).toEqual({ events: 1, votes: 1, active_users: 1, sessions: 1 });
});

test("an event acknowledged twice counts once", () => {
  expect(ledgerOf([sent("a", {}), sent("a", {})]).totals().events).toBe(1);
});

test("a started room does not make a user active", () => {
  expect(ledgerOf([sent("a", { eventType: "room_started" })]).totals()).toEqual({ events: 1, votes: 0, active_users: 0, sessions: 1 });
});

test("without a session id, 30 minutes without an event end a session and 29 do not", () => {
  const at = (minutes: number) => sent(`${minutes}`, { sessionId: null, atMs: minutes * minuteMs });
  expect(ledgerOf([at(0), at(29), at(59)]).totals().sessions).toBe(2);
});
