import { parseEvent } from "@trinity/events/parse-event";
import { expect, test } from "vitest";
import { dashboardTraffic, trafficRange } from "./dashboard-traffic.ts";

const settings = { seed: 1, events: 5_000, users: 200 };
const { fromMs, toMs } = trafficRange;

test("the catalogue accepts every event", () => {
  const rules = { nowMs: toMs, eventAgeMaxMs: Number.POSITIVE_INFINITY };
  for (const { timestampMs, receivedAtMs: _, ...event } of dashboardTraffic(settings)) {
    const generated = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
    expect(parseEvent({ ...generated, timestamp: timestampMs }, rules)).toMatchObject({ ok: true, droppedProperties: 0 });
  }
});

test("any number of events fills the same days, after all users have signed up", () => {
  for (const events of [20_000, 40_000]) {
    const generated = [...dashboardTraffic({ ...settings, events })];
    const before = generated.filter(({ timestampMs }) => timestampMs < fromMs);
    expect([before.length, new Set(before.map(({ userId }) => userId)).size]).toEqual([settings.users, settings.users]);
    const days = generated.slice(before.length).map(({ timestampMs }) => Math.floor((timestampMs - fromMs) / 86_400_000));
    expect(days).toHaveLength(events);
    expect([...new Set(days)].filter((day) => day < 30)).toEqual(Array.from({ length: 30 }, (_, day) => day));
  }
});

test("no id occurs twice", () => {
  const ids = [...dashboardTraffic(settings)].map(({ eventId }) => eventId);
  expect(new Set(ids).size).toBe(ids.length);
});
