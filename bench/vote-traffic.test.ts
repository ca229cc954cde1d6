import { parseEvent } from "@trinity/events/parse-event";
import { expect, test } from "vitest";
import { voteBodies, voteTraffic } from "./vote-traffic.ts";

const hourMs = 3_600_000;
const settings = { seed: 1, events: 1_000, burst: 20, startMs: Date.UTC(2026, 10, 22), spanMs: hourMs };

test("the catalogue accepts every event", () => {
  const rules = { nowMs: settings.startMs + hourMs, eventAgeMaxMs: Number.POSITIVE_INFINITY };
  for (const event of voteTraffic(settings)) expect(parseEvent(event, rules)).toMatchObject({ ok: true, droppedProperties: 0 });
});

test("no id occurs twice, and another seed makes other ids", () => {
  const idsOf = (seed: number) => [...voteTraffic({ ...settings, seed })].map(({ eventId }) => eventId);
  expect(new Set([...idsOf(1), ...idsOf(2)]).size).toBe(2_000);
});

test("a burst belongs to one session, and the next one to another", () => {
  const sessions = [...voteTraffic(settings)].map(({ sessionId }) => sessionId);
  expect(new Set(sessions.slice(0, 20)).size).toBe(1);
  expect(sessions[20]).not.toBe(sessions[0]);
});

test("an event is 400 to 600 bytes of JSON", () => {
  const bytes = voteBodies(settings, 100).reduce((sum, { body }) => sum + body.length, 0) / settings.events;
  expect(bytes).toBeGreaterThan(400);
  expect(bytes).toBeLessThan(600);
});
