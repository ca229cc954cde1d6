import { parseEvent } from "@trinity/events/parse-event";
import { expect, test } from "vitest";
import { voteTraffic } from "./vote-traffic.ts";

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

test("random order: the same span, not in order of time, and ids that do not name it", () => {
  const made = [...voteTraffic({ ...settings, order: "random", ids: "random" })];
  const times = made.map(({ timestamp }) => Date.parse(timestamp));
  expect(times.filter((time, i) => i > 0 && time < (times[i - 1] as number)).length).toBeGreaterThan(400);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(0.9 * hourMs);
  expect(made.every(({ eventId }) => eventId[14] === "4")).toBe(true);
});
