import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { beforeAll, expect, test } from "vitest";
import { ask, tryAsking } from "./asking.testing.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 5);
const nowMs = startMs + 10 * dayMs;

/** A day on which nothing overflowed, and a day on which `v9` did. */
function events(): StoredEvent[] {
  const of = (id: string, day: number, appVersion: string, platform: string): StoredEvent => ({
    eventId: id,
    eventType: "screen_view",
    timestampMs: startMs + day * dayMs,
    receivedAtMs: startMs + day * dayMs,
    userId: `u-${id}` as Pseudonym,
    roomId: null,
    sessionId: null,
    properties: { screen: "home" },
    context: { appVersion, platform },
    source: { system: "app" },
  });
  return [of("a", 0, "v1", "ios"), of("b", 0, "v2", "android"), of("c", 1, "v1", "ios"), of("d", 1, "other", "other")];
}

let store: EventStore;
beforeAll(async () => {
  store = openMemoryStore();
  const batch = events().map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event }));
  await store.append({ receivedAtMs: startMs, events: batch, rejections: [] });
  await foldAll(store, () => nowMs);
});

const question = (change: Partial<MetricQuery>, days: readonly [number, number] = [0, 2]): MetricQuery => ({
  metric: "events",
  fromMs: startMs + days[0] * dayMs,
  toMs: startMs + days[1] * dayMs,
  granularity: "total",
  by: [],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
  ...change,
});
const filter = (values: readonly string[], negated = false) => ({ filters: [{ dimension: "appVersion", values, negated } as const] });

async function overflowedOf(query: MetricQuery): Promise<readonly string[] | undefined> {
  const { data, overflowed } = await ask(store, { kind: "metric", ...query }, nowMs);
  expect(overflowed).toEqual(data.answer.overflowed ?? []);
  const { granularity: _, by, ...asked } = query;
  if (by.length === 0) {
    const rows = await tryAsking(store, { kind: "rows", ...asked, side: null, limit: 10, cursor: null }, nowMs);
    if (rows.ok) expect(rows.value.overflowed).toEqual(overflowed);
  }
  return data.answer.overflowed;
}

test.each([
  ["a value that may be among the others", question(filter(["v9"]))],
  ["the others themselves", question(filter(["other"]))],
  ["all but a value", question(filter(["v9"], true))],
  ["a value that is counted as well: a part of it may be among the others", question(filter(["v1"]))],
  ["a breakdown", question({ by: ["appVersion"] })],
  ["a breakdown by days", question({ by: ["appVersion"], granularity: "day" })],
  ["a question for the log", question({ ...filter(["v9"]), by: ["weekday"] })],
  ["a count of users", question({ ...filter(["v9"]), metric: "active_users" })],
])("%s: the answer names the dimension that overflowed", async (_what, query) => {
  expect(await overflowedOf(query)).toEqual(["appVersion"]);
});

test("a segment by a value that may be among the others is named", async () => {
  const segment = { kind: "attribute", attribute: "platform", values: ["web"] } as const;
  const not = { kind: "not", of: segment } as const;
  for (const one of [segment, not]) expect(await overflowedOf(question({ metric: "active_users", segment: one }))).toEqual(["platform"]);
});

test("where nothing overflowed in the range, or the question asks for no such dimension, nothing is named", async () => {
  for (const query of [
    question(filter(["v9"]), [0, 1]),
    question({ by: ["appVersion"] }, [0, 1]),
    question({}),
    question({ by: ["eventType"] }),
  ])
    expect(await overflowedOf(query)).toBeUndefined();
});

test("an event that overflowed in two dimensions may be meant by filters on both, and is none of those that another filter leaves out", async () => {
  const platform = { dimension: "platform", values: ["ios"], negated: false } as const;
  const type = { dimension: "eventType", values: ["vote_content"], negated: false } as const;
  expect(await overflowedOf(question({ filters: [...filter(["v9"]).filters, platform] }))).toEqual(["appVersion", "platform"]);
  expect(await overflowedOf(question({ filters: [...filter(["v9"]).filters, type] }))).toBeUndefined();
});
