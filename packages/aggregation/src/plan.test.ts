import { describe, expect, test } from "vitest";
import { tierMs } from "./bucket.ts";
import { question } from "./folded-world.testing.ts";
import type { Filter, MetricQuery } from "./metric-query.ts";
import { type DataBounds, type Plan, planQuery } from "./plan.ts";
import type { SubQueryPlan } from "./sub-query.ts";

const ms = (instant: string) => Date.parse(instant);
const isoSeconds = (atMs: number) => new Date(atMs).toISOString().slice(0, 19);
const iso = (atMs: number) => new Date(atMs).toISOString().slice(0, 16);

const dataBounds: DataBounds = { asOfMs: ms("2026-11-22T12:34:56Z"), minutesFromMs: ms("2026-11-20") };
const november = { fromMs: ms("2026-11-01"), toMs: ms("2026-11-22") };

type Asked = Partial<Omit<MetricQuery, "fromMs" | "toMs">> & { readonly from?: string; readonly to?: string };

function asked({ from, to, ...rest }: Asked): MetricQuery {
  const range = { fromMs: from === undefined ? november.fromMs : ms(from), toMs: to === undefined ? november.toMs : ms(to) };
  return question({ metric: "votes", ...range, ...rest });
}

function planned(query: Asked, at = dataBounds): Plan {
  const plan = planQuery(asked(query), at);
  if (!plan.ok) throw new Error(`${plan.error.path} ${plan.error.message}`);
  return plan.value;
}

function problem(query: Asked) {
  const plan = planQuery(asked(query), dataBounds);
  if (plan.ok) throw new Error("was planned");
  return plan.error;
}

const keep = (dimension: Filter["dimension"], ...values: string[]): Filter => ({ dimension, values, negated: false });
const drop = (dimension: Filter["dimension"], ...values: string[]): Filter => ({ dimension, values, negated: true });

/** Where the one part of a plain metric is read. */
function sourceOf(query: Asked): SubQueryPlan["source"] {
  return (planned(query).subQueries[0] as SubQueryPlan).source;
}

/** The set and the tiers that a plan reads, and whether it reads the log as well, or nothing else. */
function readsOf(query: Asked): string {
  const source = sourceOf(query);
  if (source.kind === "log") return "log";
  return `${source.set.name} by ${[...source.ranges.map(({ tier }) => tier), ...source.gaps.map(() => "log")].join(", ")}`;
}

describe("the smallest set is read", () => {
  test.each<[string, Asked]>([
    ["vote by day", {}],
    ["vote/platform by day", { by: ["platform"] }],
    ["vote/platform by day", { filters: [keep("platform", "ios", "web")] }],
    ["vote/platform by day", { filters: [drop("platform", "ios")] }],
    ["vote/genre by day", { by: ["genre"] }],
    ["vote/genre by day", { filters: [keep("genre", "comedy")] }],
    ["vote/genre+platform by day", { by: ["genre"], filters: [drop("platform", "ios")] }],
    ["vote/genre+mediaType by day", { by: ["mediaType", "genre"] }],
    ["vote/contentId by day", { by: ["contentId"], granularity: "month" }],
    ["event/eventType+platform by day", { metric: "events", by: ["platform", "eventType"] }],
    ["user_activity by day", { metric: "active_users", granularity: "week" }],
  ])("%s", (reads, query) => {
    expect(readsOf(query)).toBe(reads);
  });

  test("and of it only the values that are asked for", () => {
    expect(sourceOf({ filters: [keep("platform", "ios", "web")] })).toMatchObject({ values: ["ios", "web"] });
    expect(sourceOf({ filters: [drop("platform", "ios")] })).not.toHaveProperty("values");
    expect(sourceOf({ by: ["genre"], filters: [keep("platform", "ios")] })).not.toHaveProperty("values");
  });
});

describe("the coarsest tiers are read", () => {
  const rangesOf = (query: Asked) => {
    const source = sourceOf(query);
    return source.kind === "log" ? "log" : source.ranges.map(({ tier, fromMs, toMs }) => `${tier} ${iso(fromMs)} ${iso(toMs)}`);
  };

  test("days within, hours and minutes at the ends", () => {
    expect(rangesOf({ from: "2026-11-20T22:58:00Z", to: "2026-11-22T01:01:00Z" })).toEqual([
      "minute 2026-11-20T22:58 2026-11-20T23:00",
      "hour 2026-11-20T23:00 2026-11-21T00:00",
      "day 2026-11-21T00:00 2026-11-22T00:00",
      "hour 2026-11-22T00:00 2026-11-22T01:00",
      "minute 2026-11-22T01:00 2026-11-22T01:01",
    ]);
  });

  test("no coarser than the answer's buckets", () => {
    expect(rangesOf({ from: "2026-11-20", to: "2026-11-22", granularity: "hour" })).toEqual(["hour 2026-11-20T00:00 2026-11-22T00:00"]);
    expect(rangesOf({ from: "2026-11-20", to: "2026-11-21", granularity: "minute" })).toEqual(["minute 2026-11-20T00:00 2026-11-21T00:00"]);
  });

  test("hours where a local day does not begin at midnight of UTC", () => {
    expect(rangesOf({ from: "2026-11-19T23:00Z", to: "2026-11-20T23:00Z", granularity: "day", timeZone: "Europe/Madrid" })).toEqual([
      "hour 2026-11-19T23:00 2026-11-20T23:00",
    ]);
  });

  test("hours where the clock is asked for, days for the weekday of UTC, minutes where the clock is off by half an hour", () => {
    const twoDays = { from: "2026-11-20", to: "2026-11-22" };
    expect(readsOf({ ...twoDays, by: ["hourOfDay"] })).toBe("vote by hour");
    expect(readsOf({ ...twoDays, by: ["weekday"] })).toBe("vote by day");
    expect(readsOf({ ...twoDays, by: ["weekday"], timeZone: "Europe/Madrid" })).toBe("vote by hour");
    expect(readsOf({ ...twoDays, by: ["weekday"], timeZone: "Asia/Kolkata" })).toBe("vote by minute");
    expect(readsOf({ ...twoDays, filters: [keep("hourOfDay", "7")], timeZone: "Asia/Kolkata" })).toBe("vote by minute");
  });
});

describe("the log is read where no set and tier gives the number exactly", () => {
  test.each<[string, Asked]>([
    ["several values of a dimension that a fact may have several of", { filters: [keep("genre", "comedy", "drama")] }],
    ["what is left without one of them", { filters: [drop("genre", "comedy")] }],
    ["facts that have two of them", { filters: [keep("genre", "comedy"), keep("genre", "drama")] }],
    ["the other genres of the facts of one", { by: ["genre"], filters: [keep("genre", "comedy")] }],
    ["a pair of dimensions that is not kept", { by: ["platform", "locale"] }],
    ["three dimensions at once", { by: ["genre", "mediaType"], filters: [keep("platform", "ios")] }],
    ["titles by the hour", { by: ["contentId"], granularity: "hour" }],
    ["active users by the minute", { metric: "active_users", granularity: "minute", from: "2026-11-21", to: "2026-11-22" }],
    ["a range within a minute", { from: "2026-11-21T10:00:10Z", to: "2026-11-21T10:00:50Z" }],
    ["minutes that are no longer kept", { from: "2026-11-19T10:01:00Z", to: "2026-11-19T10:59:00Z" }],
    ["the clock in a zone off by half an hour, once minutes are gone", { by: ["hourOfDay"], timeZone: "Asia/Kolkata", to: "2026-11-20" }],
    [
      "sessions, of which all are read for more than three hours of gaps",
      { metric: "sessions", from: "2026-11-15T18:30:00Z", to: "2026-11-19T18:30:00Z", granularity: "day", timeZone: "Asia/Kolkata" },
    ],
  ])("%s", (_, query) => {
    expect(readsOf(query)).toBe("log");
  });
});

describe("between the cells that fit, the log is read", () => {
  const sourcesOf = (query: Asked) => {
    const source = sourceOf(query);
    if (source.kind === "log") return "log";
    const reads = [...source.ranges, ...source.gaps.map((gap) => ({ ...gap, tier: "log" }))].sort((a, b) => a.fromMs - b.fromMs);
    return reads.map(({ tier, fromMs, toMs }) => `${tier} ${isoSeconds(fromMs)} ${isoSeconds(toMs)}`);
  };

  test("at the ends of a range that cut a minute, or an hour whose minutes are gone", () => {
    expect(sourcesOf({ from: "2026-11-18T22:40:00Z", to: "2026-11-20T01:00:15Z" })).toEqual([
      "log 2026-11-18T22:40:00 2026-11-18T23:00:00",
      "hour 2026-11-18T23:00:00 2026-11-19T00:00:00",
      "day 2026-11-19T00:00:00 2026-11-20T00:00:00",
      "hour 2026-11-20T00:00:00 2026-11-20T01:00:00",
      "log 2026-11-20T01:00:00 2026-11-20T01:00:15",
    ]);
  });

  test("of sessions too, where the gaps are three hours at most", () => {
    expect(sourcesOf({ metric: "sessions", from: "2026-11-21T09:59:30Z", to: "2026-11-21T10:01:00Z" })).toEqual([
      "log 2026-11-21T09:59:30 2026-11-21T10:00:00",
      "minute 2026-11-21T10:00:00 2026-11-21T10:01:00",
    ]);
  });

  test("of what was ingested too, however long the gaps are", () => {
    expect(sourcesOf({ metric: "ingested_events", from: "2026-11-18T22:40:00Z", to: "2026-11-20T01:00:15Z" })).toEqual(
      sourcesOf({ from: "2026-11-18T22:40:00Z", to: "2026-11-20T01:00:15Z" }),
    );
    const days = { from: "2026-11-10T18:30:00Z", to: "2026-11-16T18:30:00Z", granularity: "day", timeZone: "Asia/Kolkata" } as const;
    expect(sourcesOf({ metric: "ingested_events", ...days })).toContain("log 2026-11-12T18:00:00 2026-11-12T19:00:00");
  });

  test("but not of open sessions, whose changes are counted by whole days whatever the range", () => {
    const query = { metric: "concurrent_sessions", from: "2026-11-19T10:00:30Z", to: "2026-11-21T18:30:01Z", timeZone: "Asia/Kolkata" };
    expect(sourcesOf(query)).toEqual(["day 2026-11-19T00:00:00 2026-11-22T00:00:00"]);
  });

  test("around the beginnings of days that cut an hour, once for both days", () => {
    const days = { from: "2026-11-16T18:30:00Z", to: "2026-11-18T18:30:00Z", granularity: "day", timeZone: "Asia/Kolkata" } as const;
    expect(sourcesOf(days)).toEqual([
      "log 2026-11-16T18:30:00 2026-11-16T19:00:00",
      "hour 2026-11-16T19:00:00 2026-11-17T18:00:00",
      "log 2026-11-17T18:00:00 2026-11-17T19:00:00",
      "hour 2026-11-17T19:00:00 2026-11-18T18:00:00",
      "log 2026-11-18T18:00:00 2026-11-18T18:30:00",
    ]);
  });

  test("up to the first minute that is kept", () => {
    expect(sourcesOf({ by: ["hourOfDay"], timeZone: "Asia/Kolkata", from: "2026-11-19", to: "2026-11-20T00:10:00Z" })).toEqual([
      "log 2026-11-19T00:00:00 2026-11-20T00:00:00",
      "minute 2026-11-20T00:00:00 2026-11-20T00:10:00",
    ]);
  });

  test("and the answer says so", () => {
    expect(planned({ from: "2026-11-20T10:00:30Z" }).source).toBe("log");
    expect(planned({ from: "2026-11-20T10:01:00Z" }).source).toBe("rollups");
  });
});

describe("a rolling window", () => {
  const bucketsOf = (windowDays: 1 | 7 | 30, from: string, to: string, { timeZone = "UTC", granularity = "day" }: Asked = {}) =>
    planned({ metric: "active_users", granularity, windowDays, from, to, timeZone }).buckets.map(
      ({ startMs, countFromMs, countToMs }) => `${iso(startMs)}: ${iso(countFromMs)} to ${iso(countToMs)}`,
    );

  test("counts the 7 or 30 days that end with each bucket, also before the range", () => {
    expect(bucketsOf(7, "2026-11-10", "2026-11-12")).toEqual([
      "2026-11-10T00:00: 2026-11-04T00:00 to 2026-11-11T00:00",
      "2026-11-11T00:00: 2026-11-05T00:00 to 2026-11-12T00:00",
    ]);
    expect(bucketsOf(30, "2026-11-10", "2026-11-11")).toEqual(["2026-11-10T00:00: 2026-10-12T00:00 to 2026-11-11T00:00"]);
    expect(bucketsOf(1, "2026-11-10", "2026-11-11")).toEqual(["2026-11-10T00:00: 2026-11-10T00:00 to 2026-11-11T00:00"]);
  });

  test("is of local days, however long they are", () => {
    expect(bucketsOf(7, "2024-03-30T23:00Z", "2024-03-31T22:00Z", { timeZone: "Europe/Madrid" })).toEqual([
      "2024-03-30T23:00: 2024-03-24T23:00 to 2024-03-31T22:00",
    ]);
  });

  test("ends with the range in a bucket that the range cuts", () => {
    expect(bucketsOf(7, "2026-10-05", "2026-10-08T06:00Z", { granularity: "month" })).toEqual([
      "2026-10-01T00:00: 2026-10-01T06:00 to 2026-10-08T06:00",
    ]);
    expect(bucketsOf(30, "2026-10-12", "2026-10-14", { granularity: "week" })).toEqual([
      "2026-10-12T00:00: 2026-09-14T00:00 to 2026-10-14T00:00",
    ]);
    expect(bucketsOf(7, "2026-10-12", "2026-10-13T22:00Z", { granularity: "week", timeZone: "Europe/Madrid" })).toEqual([
      "2026-10-11T22:00: 2026-10-06T22:00 to 2026-10-13T22:00",
    ]);
  });

  test("ends with the present hour in a bucket that is not over or has not begun, and is read from hours", () => {
    expect(bucketsOf(7, "2026-11-21", "2026-11-24")).toEqual([
      "2026-11-21T00:00: 2026-11-15T00:00 to 2026-11-22T00:00",
      "2026-11-22T00:00: 2026-11-15T13:00 to 2026-11-23T00:00",
      "2026-11-23T00:00: 2026-11-15T13:00 to 2026-11-24T00:00",
    ]);
    expect(bucketsOf(30, "2026-11-01", "2026-12-01", { granularity: "month" })).toEqual([
      "2026-11-01T00:00: 2026-10-23T13:00 to 2026-12-01T00:00",
    ]);
    expect(readsOf({ metric: "active_users", granularity: "month", windowDays: 30, to: "2026-12-01" })).toBe("user_activity by hour, day");
  });

  test("is for distinct counts only", () => {
    const [bucket] = planned({ windowDays: 7, granularity: "day" }).buckets;
    expect(bucket?.countFromMs).toBe(bucket?.startMs);
  });
});

describe("buckets", () => {
  test("cover the range: the first begins at or before it, the last ends at or behind it, and each counts only what lies in it", () => {
    const { buckets, total } = planned({ from: "2026-11-20T12:00Z", to: "2026-11-22T12:00Z", granularity: "day" });
    expect(buckets.map(({ startMs, countFromMs, countToMs }) => [startMs, countFromMs, countToMs].map(iso))).toEqual([
      ["2026-11-20T00:00", "2026-11-20T12:00", "2026-11-21T00:00"],
      ["2026-11-21T00:00", "2026-11-21T00:00", "2026-11-22T00:00"],
      ["2026-11-22T00:00", "2026-11-22T00:00", "2026-11-22T12:00"],
    ]);
    expect([total.countFromMs, total.countToMs].map(iso)).toEqual(["2026-11-20T12:00", "2026-11-22T12:00"]);
  });

  test("of what may still come to pass count up to the minute of the present", () => {
    const ahead = planned({ metric: "rooms_ended", from: "2026-11-22", to: "2026-11-24", granularity: "day" });
    expect(ahead.buckets.map(({ countFromMs, countToMs }) => [countFromMs, countToMs].map(iso))).toEqual([
      ["2026-11-22T00:00", "2026-11-22T12:34"],
      ["2026-11-23T00:00", "2026-11-23T00:00"],
    ]);
    expect(iso(ahead.total.countToMs)).toBe("2026-11-22T12:34");
    const settled = planned({ metric: "rooms_created", from: "2026-11-22", to: "2026-11-24" });
    expect(iso(settled.total.countToMs)).toBe("2026-11-24T00:00");
  });

  test("are 20,000 at most", () => {
    const minutes = (count: number) => new Date(november.fromMs + count * tierMs.minute).toISOString();
    expect(planned({ granularity: "minute", to: minutes(20_000) }).buckets).toHaveLength(20_000);
    expect(problem({ granularity: "minute", to: minutes(20_001) })).toMatchObject({ path: "granularity" });
  });
});

describe("a question is refused, with the path of what is wrong,", () => {
  test.each<[string, Asked]>([
    ["metric", { metric: "happiness" }],
    ["to", { to: "2026-11-01" }],
    ["by", { by: ["service"] }],
    ["by", { by: ["platform", "platform"] }],
    ["by", { by: ["platform", "genre", "locale"] }],
    ["filter", { filters: [keep("ending", "consensus")] }],
  ])("%s", (path, query) => {
    expect(problem(query).path).toBe(path);
  });
});
