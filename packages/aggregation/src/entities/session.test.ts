import type { StoredEvent } from "@trinity/events/event";
import { describe, expect, test } from "vitest";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { storedEvent } from "../stored-event.testing.ts";
import { addToInferredSessions } from "./inferred-session.ts";
import { type Session } from "./session.ts";

const at = (time: string) => Date.parse(`2026-11-20T${time}Z`);
const said = (time: string, sessionId: string | null = null) => storedEvent({ at: at(time), userId: "ana", sessionId });

/** The runs of one user, each as [first event, last event, number of events], whatever the order the events come in. */
function runsOf(...times: readonly string[]): readonly (readonly [string, string, number])[] {
  const runs = times.reduce<readonly Session[]>((before, time) => addToInferredSessions(before, said(time)), []);
  const time = (atMs: number) => new Date(atMs).toISOString().slice(11, -1);
  return runs.map(({ startMs, endMs, events }) => [time(startMs), time(endMs), events]);
}

describe("where a sender names no session", () => {
  test("a gap of exactly 30 minutes starts a new one", () => {
    expect(runsOf("10:00:00.000", "10:30:00.000")).toEqual([
      ["10:00:00.000", "10:00:00.000", 1],
      ["10:30:00.000", "10:30:00.000", 1],
    ]);
  });

  test("a gap of a millisecond less does not", () => {
    expect(runsOf("10:00:00.000", "10:29:59.999")).toEqual([["10:00:00.000", "10:29:59.999", 2]]);
  });

  test("a late event extends a session to either side", () => {
    expect(runsOf("10:00:00.000", "10:20:00.000", "09:45:00.000")).toEqual([["09:45:00.000", "10:20:00.000", 3]]);
    expect(runsOf("10:20:00.000", "10:00:00.000", "10:49:59.999")).toEqual([["10:00:00.000", "10:49:59.999", 3]]);
  });

  test("a late event between two sessions joins them", () => {
    expect(runsOf("10:00:00.000", "10:40:00.000", "10:20:00.000")).toEqual([["10:00:00.000", "10:40:00.000", 3]]);
  });

  test("a late event that is 30 minutes away from both sessions stands alone between them", () => {
    expect(runsOf("10:00:00.000", "11:00:00.000", "10:30:00.000")).toHaveLength(3);
  });

  test("an event within a session changes only how many it has", () => {
    expect(runsOf("10:00:00.000", "10:20:00.000", "10:10:00.000")).toEqual([["10:00:00.000", "10:20:00.000", 3]]);
  });
});

const foldedAtMs = at("23:59:00");
const day = { fromMs: at("00:00:00"), toMs: at("00:00:00") + 86_400_000 };

function answered(metric: string, events: readonly StoredEvent[], asked = {}) {
  const query = question({ metric, ...day, granularity: "day", ...asked });
  return new FoldedWorld().foldEvents(events, foldedAtMs).answer(query, foldedAtMs).series[0]?.points;
}

describe("a session", () => {
  const acrossMidnight = [said("23:50:00"), storedEvent({ at: at("23:50:00") + 20 * 60_000, userId: "ana" })];

  test("that runs past midnight belongs to the day of its start", () => {
    const twoDays = { toMs: day.toMs + 86_400_000 };
    expect(answered("sessions", acrossMidnight, twoDays)?.map(({ value }) => value)).toEqual([1, 0]);
    expect(answered("session_duration", acrossMidnight, twoDays)?.map(({ value }) => value)).toEqual([20 * 60_000, null]);
  });

  test("moves to the bucket of an earlier event that arrives late", () => {
    const world = new FoldedWorld().foldEvents([said("10:05:00")], foldedAtMs).foldEvents([said("09:55:00")], foldedAtMs);
    const query = question({ metric: "sessions", fromMs: at("09:00:00"), toMs: at("11:00:00"), granularity: "hour" });
    expect(world.answer(query, foldedAtMs).series[0]?.points.map(({ value }) => value)).toEqual([1, 0]);
  });

  test("of one event is a bounce and lasts no time", () => {
    const events = [said("10:00:00"), said("12:00:00"), said("12:10:00")];
    expect(answered("bounce_rate", events)).toMatchObject([{ numerator: 1, denominator: 2, value: 0.5 }]);
    expect(answered("actions_per_session", events)).toMatchObject([{ numerator: 3, denominator: 2, value: 1.5, interval: null }]);
    expect(answered("session_duration", events, { statistic: "p50" })).toMatchObject([{ value: 0, count: 2 }]);
  });

  test("with an id holds all events of that id, however far apart, and none of the user's others", () => {
    const events = [said("08:00:00", "session-1"), said("16:00:00", "session-1"), said("12:00:00")];
    expect(answered("sessions", events)).toMatchObject([{ value: 2 }]);
    expect(answered("session_duration", events)).toMatchObject([{ value: 4 * 3_600_000, count: 2 }]);
  });

  test("is in the circumstances of its first event, also when that one arrives last", () => {
    const onPhone = { ...said("10:00:00", "session-1"), context: { deviceType: "phone" } };
    const onTablet = { ...said("10:01:00", "session-1"), context: { deviceType: "tablet" } };
    const world = new FoldedWorld().foldEvents([onTablet], foldedAtMs).foldEvents([onPhone], foldedAtMs);
    const query = question({ metric: "sessions", ...day, by: ["deviceType"] });
    expect(world.answer(query, foldedAtMs).totals).toEqual([{ by: { deviceType: "phone" }, value: 1 }]);
  });

  test("needs a user or an id: an event with neither is in none", () => {
    expect(answered("sessions", [storedEvent({ at: at("10:00:00") })])).toMatchObject([{ value: 0 }]);
  });

  test("is not what machines report of themselves", () => {
    const span = storedEvent({ at: at("10:00:00"), eventType: "span", userId: "ana", sessionId: "session-1", roomId: "room-1" });
    expect(answered("sessions", [span])).toMatchObject([{ value: 0 }]);
    expect(answered("new_users", [span])).toMatchObject([{ value: 0 }]);
    expect(answered("events", [span])).toMatchObject([{ value: 0 }]);
  });
});
