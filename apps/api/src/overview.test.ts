import type { QuestionOf } from "@trinity/query/questions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAndFold, type Json, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import { behaviorOverview, dashboardOverview, systemOverview } from "./overviews.ts";

const hourMs = 3_600_000;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const at = (hoursAgo: number, userId: string, platform: string) =>
    storedEvent({ timestampMs: testNowMs - hoursAgo * hourMs, userId, context: { platform } });
  await appendAndFold(api.store, [
    at(1, "ana", "android"),
    at(2, "ana", "android"),
    at(3, "bea", "ios"),
    at(26, "bea", "ios"),
    at(30, "cai", "android"),
  ]);
});
afterAll(() => api.close());

const today = "from=2026-11-22&to=2026-11-23";
const numberOf = ({ metrics }: Json, name: string) => metrics.find((metric: Json) => metric.name === name);

describe.each<[path: string, QuestionOf<"overview">["numbers"]]>([
  ["/dashboard/overview", dashboardOverview],
  ["/users/behavior", behaviorOverview],
  ["/system/performance", systemOverview],
])("%s", (path, overview) => {
  test("says of every number what the metric of its name says, now and before", async () => {
    const { status, json } = await api.get(`/api/v1${path}?${today}`);
    expect(status).toBe(200);
    expect(json.previous).toEqual({ from: "2026-11-21T00:00:00.000Z", to: "2026-11-21T20:15:00.000Z" });
    expect(json.metrics.map(({ name }: Json) => name)).toEqual(Object.keys(overview));
    for (const [name, { metric, granularity = "total", by = [], statistic = "mean", windowDays = 1 }] of Object.entries(overview)) {
      const question = new URLSearchParams({ granularity, stat: statistic, window: String(windowDays), compare: "previous" });
      for (const dimension of by) question.append("by", dimension);
      const answer = (await api.get(`/api/v1/metrics/${metric}?${today}&${question}`)).json;
      const { totals, previous, series } = numberOf(json, name);
      expect({ name, totals, previous }).toEqual({ name, totals: answer.totals, previous: answer.previous.totals });
      expect({ name, series }).toEqual({ name, series: granularity === "total" ? undefined : answer.series });
    }
  });

  test("is also there under the name it had", async () => {
    const [now, before] = [await api.get(`/api/v1${path}?${today}`), await api.get(`/api/v1/analytics${path}?${today}`)];
    expect(before.json).toEqual(now.json);
  });

  test("takes no range that ends before it begins", async () => {
    expect((await api.get(`/api/v1${path}?from=2026-11-23&to=2026-11-22`)).status).toBe(400);
  });
});

test("what people do is held against the same hours of the day before", async () => {
  const { json } = await api.get(`/api/v1/users/behavior?${today}`);
  const { totals, previous } = numberOf(json, "active_users");
  expect([totals[0].value, previous[0].value]).toEqual([2, 2]);
  expect(numberOf(json, "returning_users").totals[0].value).toBe(1);
});

test("the overview of behaviour takes a segment and filters by context", async () => {
  const active = "activityTier:light %26 platform:android";
  const { json: overview } = await api.get(`/api/v1/users/behavior?${today}&segment=${active}`);
  const { json: asked } = await api.get(`/api/v1/metrics/active_users?${today}&segment=${active}&compare=previous`);
  expect(numberOf(overview, "active_users")).toMatchObject({ totals: asked.totals, previous: asked.previous.totals });
  const ofSegment = await api.get(`/api/v1/users/behavior?${today}&segment=platform:ios`);
  expect(numberOf(ofSegment.json, "active_users").totals[0].value).toBe(1);
  const filtered = await api.get(`/api/v1/users/behavior?${today}&filter=platform:android`);
  expect(numberOf(filtered.json, "active_users").totals[0].value).toBe(1);
  expect((await api.get(`/api/v1/users/behavior?${today}&segment=platform`)).json.errors).toMatchObject([{ path: "segment" }]);
  expect((await api.get(`/api/v1/users/behavior?${today}&filter=genre:comedy`)).json.errors).toMatchObject([{ path: "filter" }]);
});
