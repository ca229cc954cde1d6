import type { StoredEvent } from "@trinity/events/event";
import { describe, expect, test } from "vitest";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import type { MetricQuery } from "./metric-query.ts";
import { storedEvent, vote } from "./stored-event.testing.ts";

const ms = (instant: string) => Date.parse(instant);
const asOfMs = ms("2026-11-21T12:00:00Z");
const threeDays = { fromMs: ms("2026-11-20"), toMs: ms("2026-11-23"), granularity: "day" } as const;

function answered(asked: Partial<MetricQuery> & { metric: string }, events: readonly StoredEvent[]) {
  return new FoldedWorld().foldEvents(events, asOfMs).answer(question({ ...threeDays, ...asked }), asOfMs);
}

const votes = [
  vote({ at: "2026-11-20T10:00:00Z", userId: "ana" }, { vote: "like", genres: ["comedy", "drama"] }),
  vote({ at: "2026-11-20T11:00:00Z", userId: "ana" }, { vote: "dislike", genres: ["comedy", "comedy"] }),
  vote({ at: "2026-11-21T10:00:00Z", userId: "bea", context: { platform: "ios" } }, { vote: "skip" }),
];

describe("an answer", () => {
  test("has every bucket: 0 for a count, null for a ratio or a duration over nothing", () => {
    expect(answered({ metric: "votes" }, votes).series[0]?.points.map(({ value }) => value)).toEqual([2, 1, 0]);
    expect(answered({ metric: "positive_rate" }, votes).series[0]?.points.map(({ value }) => value)).toEqual([0.5, 0, null]);
    expect(answered({ metric: "session_duration" }, votes).series[0]?.points[2]).toMatchObject({ value: null, count: 0 });
    expect(answered({ metric: "active_users" }, votes).series[0]?.points.map(({ value }) => value)).toEqual([1, 1, 0]);
  });

  test("has one line without a breakdown even of nothing, and with one a line for each value there is, in order", () => {
    expect(answered({ metric: "votes" }, []).series).toMatchObject([{ by: {} }]);
    expect(answered({ metric: "votes", by: ["platform"] }, []).series).toEqual([]);
    expect(answered({ metric: "votes", by: ["platform"] }, votes).totals).toEqual([
      { by: { platform: "ios" }, value: 1 },
      { by: { platform: "unknown" }, value: 2 },
    ]);
  });

  test("counts a fact once under each genre of its title, a genre listed twice once", () => {
    expect(answered({ metric: "votes", by: ["genre"] }, votes).totals).toEqual([
      { by: { genre: "comedy" }, value: 2 },
      { by: { genre: "drama" }, value: 1 },
      { by: { genre: "unknown" }, value: 1 },
    ]);
  });

  test("counts a fact once that has two of the genres it is filtered for, and leaves out one that has a genre it is filtered against", () => {
    const filter = (negated: boolean, ...values: string[]) => ({ filters: [{ dimension: "genre" as const, values, negated }] });
    expect(answered({ metric: "votes", ...filter(false, "comedy", "drama") }, votes).totals).toEqual([{ by: {}, value: 2 }]);
    expect(answered({ metric: "votes", ...filter(true, "drama") }, votes).totals).toEqual([{ by: {}, value: 2 }]);
  });

  test("keeps what a ratio was divided from, and gives the interval of a share", () => {
    const [total] = answered({ metric: "positive_rate" }, votes).totals;
    expect(total).toMatchObject({ value: 1 / 3, numerator: 1, denominator: 3 });
    expect(total?.interval?.map((end) => Number(end.toFixed(4)))).toEqual([0.0615, 0.7923]);
    expect(answered({ metric: "positive_rate" }, []).totals).toEqual([
      { by: {}, value: null, numerator: 0, denominator: 0, interval: null },
    ]);
  });

  test("counts a user once in the whole who was active on several days", () => {
    const again = storedEvent({ at: "2026-11-21T09:00:00Z", userId: "ana", eventType: "user_login" });
    const { series, totals } = answered({ metric: "active_users" }, [...votes, again]);
    expect(series[0]?.points.map(({ value }) => value)).toEqual([1, 2, 0]);
    expect(totals).toEqual([{ by: {}, value: 2 }]);
  });

  test("of a rolling window counts who was active on any of its days", () => {
    const { series } = answered({ metric: "active_users", windowDays: 7 }, votes);
    expect(series[0]?.points.map(({ value }) => value)).toEqual([1, 2, 2]);
  });

  test("of a rolling window that is not over counts the days until now, as stickiness does", () => {
    const daily = [1, 8, 15, 20].map((daysAgo) =>
      storedEvent({
        at: new Date(asOfMs - daysAgo * 86_400_000 + 3_600_000).toISOString(),
        userId: `user-${daysAgo}`,
        eventType: "user_login",
      }),
    );
    const november = { fromMs: ms("2026-11-01"), toMs: ms("2026-12-01"), granularity: "month" } as const;
    const valuesOf = (asked: Partial<MetricQuery> & { metric: string }) =>
      answered({ ...november, ...asked }, daily).series[0]?.points.map(({ value }) => value);
    expect(valuesOf({ metric: "active_users", windowDays: 30 })).toEqual([4]);
    expect(valuesOf({ metric: "active_users", windowDays: 7 })).toEqual([1]);
    const ahead = { fromMs: ms("2026-11-21"), toMs: ms("2026-11-24"), granularity: "day" } as const;
    expect(valuesOf({ metric: "active_users", windowDays: 30, ...ahead })).toEqual([4, 4, 4]);
    expect(answered({ metric: "stickiness", ...ahead }, daily).series[0]?.points).toMatchObject([
      { value: 0, numerator: 0, denominator: 4, partial: true },
      { value: null, denominator: 0, partial: true },
      { value: null, denominator: 0, partial: true },
    ]);
    // Each once, on one of the 21 days that have begun, and from then on among the monthly active users.
    expect(answered({ metric: "stickiness", ...november }, daily).totals).toMatchObject([{ numerator: 4, denominator: 21 + 16 + 9 + 2 }]);
  });

  test("counts nobody as dormant in a bucket that has not begun", () => {
    const dormant = answered({ metric: "dormant_users" }, votes);
    expect(dormant.series[0]?.points.map(({ value }) => value)).toEqual([0, 1, 0]);
    expect(answered({ metric: "dormant_users", fromMs: ms("2026-11-22"), toMs: ms("2026-11-24") }, votes).totals).toEqual([
      { by: {}, value: 0 },
    ]);
  });

  test("gives durations in milliseconds, also of spans, which count microseconds", () => {
    const span = (durationUs: number) =>
      storedEvent({
        at: "2026-11-20T10:00:00Z",
        eventType: "span",
        properties: { kind: "server", service: "api", failed: false, durationUs },
      });
    const spans = [span(1_000), span(2_000), span(6_000)];
    expect(answered({ metric: "request_duration" }, spans).totals).toEqual([{ by: {}, value: 3, count: 3 }]);
    const [median] = answered({ metric: "request_duration", statistic: "p50" }, spans).totals;
    expect(Math.abs((median?.value ?? 0) - 2)).toBeLessThanOrEqual(2 * 0.005);
  });

  test("says by which hours of a local day", () => {
    const { totals } = answered({ metric: "votes", by: ["hourOfDay"], timeZone: "Asia/Kolkata" }, votes);
    expect(totals).toEqual([
      { by: { hourOfDay: "15" }, value: 2 },
      { by: { hourOfDay: "16" }, value: 1 },
    ]);
  });
});

describe("a bucket is partial", () => {
  const partialOf = (asked: Partial<MetricQuery>) =>
    answered({ metric: "votes", ...asked }, votes).series[0]?.points.map(({ partial }) => partial);

  test("while it is not over", () => {
    expect(partialOf({})).toEqual([false, true, true]);
  });

  test("where the range cuts it", () => {
    expect(partialOf({ fromMs: ms("2026-11-18T01:00:00Z"), toMs: ms("2026-11-20T01:00:00Z") })).toEqual([true, false, true]);
  });
});

test("an answer says what it counts and over which range, its plan where that comes from and how far it reaches", () => {
  const answer = answered({ metric: "votes" }, votes);
  expect(answer).toMatchObject({
    metric: "votes",
    unit: "votes",
    from: "2026-11-20T00:00:00.000Z",
    to: "2026-11-23T00:00:00.000Z",
    granularity: "day",
  });
  const planOf = (by: MetricQuery["by"]) =>
    new FoldedWorld().foldEvents(votes, asOfMs).accumulator(question({ ...threeDays, metric: "votes", by }), asOfMs).plan;
  expect(planOf([])).toMatchObject({ source: "rollups", asOfMs });
  expect(planOf(["platform", "locale"])).toMatchObject({ source: "log", asOfMs });
});
