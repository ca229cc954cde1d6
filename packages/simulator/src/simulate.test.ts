import { describe, expect, test } from "vitest";
import { noDefects, usualDefects } from "./defects.ts";
import { simulate } from "./simulate.ts";
import { dayMs, eventsOf, fromMs, ofType, simulated, timeOf, toMs } from "./simulated-events.testing.ts";

describe("a simulation", () => {
  test("tells the same story byte by byte for the same seed", () => {
    expect(JSON.stringify(simulated({ defects: usualDefects }))).toBe(JSON.stringify(simulated({ defects: usualDefects })));
  });

  test("shares no event and no person between two seeds", () => {
    const [one, other] = [eventsOf(simulated({ seed: 1 })), eventsOf(simulated({ seed: 2 }))];
    const ids = new Set(one.flatMap((event) => [event.eventId, event.userId]));
    expect(one.length).toBeGreaterThan(500);
    expect(other.filter((event) => ids.has(event.eventId) || (event.userId !== undefined && ids.has(event.userId)))).toEqual([]);
  });

  test.each([
    ["without defects", noDefects],
    ["with the usual defects", usualDefects],
  ])("delivers in order of time %s", (_, defects) => {
    const times = simulated({ defects }).map((message) => message.deliverAtMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times.length).toBeGreaterThan(1_000);
    expect(times.every((time) => time >= fromMs && time < toMs)).toBe(true);
  });

  test("delivers nothing before it has happened", () => {
    const early = simulated({ defects: usualDefects }).filter(
      (message) => message.kind === "event" && message.deliverAtMs < timeOf(message.event),
    );
    expect(early).toEqual([]);
  });

  test("knows the same people whatever day it starts on", () => {
    const later = eventsOf(simulated({ fromMs: fromMs + dayMs }));
    const registeredLater = ofType(later, "user_registered").map((event) => event.userId);
    const registered = new Set(ofType(eventsOf(simulated({})), "user_registered").map((event) => event.userId));
    expect(registeredLater.length).toBeGreaterThan(3);
    expect(registeredLater.filter((userId) => !registered.has(userId))).toEqual([]);
  });

  test("without an end opens one to five rooms a minute for as long as one listens", () => {
    const perMinute = new Map<number, number>();
    for (const message of simulate({ seed: 3, fromMs, toMs: Number.POSITIVE_INFINITY, scale: 1 })) {
      if (message.deliverAtMs >= fromMs + 4 * 3_600_000) break;
      if (message.kind === "event" && message.event.eventType === "room_created") {
        const minute = Math.floor(timeOf(message.event) / 60_000);
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
      }
    }
    const mean = [...perMinute.values()].reduce((sum, count) => sum + count, 0) / (4 * 60);
    expect(mean).toBeGreaterThan(1 * 0.8);
    expect(mean).toBeLessThan(5 * 1.2);
  });
});
