import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { append, appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import { metricAnswer, metricListing } from "./metric-answer.ts";

const day = (date: string, hour = 12) => Date.parse(`${date}T${String(hour).padStart(2, "0")}:00:00Z`);
const vote = (date: string, genre: string, answer: string, platform = "android") =>
  storedEvent({
    timestampMs: day(date),
    userId: `u_${date}_${genre}`,
    properties: { contentId: "movie:862", vote: answer, genres: [genre], mediaType: "movie" },
    context: { platform },
  });

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await appendAndFold(api.store, [
    vote("2026-11-02", "comedy", "like"),
    vote("2026-11-02", "comedy", "skip"),
    vote("2026-11-02", "comedy", "like", "ios"),
    vote("2026-11-02", "drama", "dislike"),
    vote("2026-10-31", "comedy", "dislike"),
  ]);
});
afterAll(() => api.close());

test("the contract's example is answered as the contract shows it", async () => {
  const { status, json } = await api.get(
    "/api/v1/metrics/positive_rate?from=2026-11-01&to=2026-11-04&granularity=day&by=genre&filter=platform:android&compare=previous",
  );
  expect(status).toBe(200);
  expect(json).toMatchObject({
    metric: "positive_rate",
    unit: "ratio",
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-04T00:00:00.000Z",
    granularity: "day",
    asOf: new Date(testNowMs).toISOString(),
    revision: 1,
    suppressed: 0,
  });
  const comedy = json.series.find(({ by }: { by: { genre: string } }) => by.genre === "comedy");
  expect(comedy.points.map(({ start, value }: { start: string; value: number }) => [start, value])).toEqual([
    ["2026-11-01T00:00:00.000Z", null],
    ["2026-11-02T00:00:00.000Z", 0.5],
    ["2026-11-03T00:00:00.000Z", null],
  ]);
  expect(comedy.points[1]).toMatchObject({ numerator: 1, denominator: 2, partial: false });
  expect(comedy.points[1].interval).toHaveLength(2);
  expect(json.previous).toMatchObject({
    from: "2026-10-29T00:00:00.000Z",
    to: "2026-11-01T00:00:00.000Z",
    totals: [{ by: { genre: "comedy" }, value: 0, numerator: 0, denominator: 1 }],
  });
  expect(() => metricAnswer.parse(json)).not.toThrow();
});

test.each([
  ["platform:android", 3],
  ["platform:android,ios", 4],
  ["!platform:android", 1],
  ["platform:android,!platform:ios", 3],
  ["platform:!android", 0],
  ["platform:andr*", 0],
  ["platform:.*", 0],
])("the filter %s leaves %i votes", async (filter, votes) => {
  const { json } = await api.get(
    `/api/v1/metrics/votes?from=2026-11-01&to=2026-11-04&granularity=total&filter=${encodeURIComponent(filter)}`,
  );
  expect(json.totals[0].value).toBe(votes);
});

test("filters that are repeated must all hold, and `by` takes commas or repetition", async () => {
  const range = "from=2026-11-01&to=2026-11-04&granularity=total";
  const both = await api.get(`/api/v1/metrics/votes?${range}&filter=platform:android&filter=genre:comedy`);
  expect(both.json.totals[0].value).toBe(2);
  const commas = await api.get(`/api/v1/metrics/votes?${range}&by=genre,platform`);
  const repeated = await api.get(`/api/v1/metrics/votes?${range}&by=genre&by=platform`);
  expect(commas.json).toEqual(repeated.json);
  expect(commas.json.totals.map(({ by, value }: { by: object; value: number }) => [Object.values(by).join(), value])).toEqual([
    ["comedy,android", 2],
    ["comedy,ios", 1],
    ["drama,android", 1],
  ]);
});

test("a date is the midnight of the time zone asked for", async () => {
  const { json } = await api.get("/api/v1/metrics/votes?from=2026-11-02&to=2026-11-03&tz=Pacific/Auckland");
  expect([json.from, json.to]).toEqual(["2026-11-01T11:00:00.000Z", "2026-11-02T11:00:00.000Z"]);
  expect(json.series[0].points).toEqual([{ start: "2026-11-01T11:00:00.000Z", value: 0, partial: false }]);
});

test("durations take a statistic and are means by default", async () => {
  const { json } = await api.get("/api/v1/metrics/session_duration?from=2026-11-01&to=2026-11-04&granularity=total&stat=p95");
  expect(json).toMatchObject({ unit: "ms", totals: [{ by: {} }] });
});

test.each([
  ["?to=2026-11-04", "from"],
  ["?from=2026-11-01", "to"],
  ["?from=yesterday&to=2026-11-04", "from"],
  ["?from=2026-02-30&to=2026-11-04", "from"],
  ["?from=2026-11-01T00:00:00&to=2026-11-04", "from"],
  ["?from=true&to=2026-11-04", "from"],
  ["?from=2026-11-04&to=2026-11-04", "to"],
  ["?from=2026-11-04&to=2026-11-01", "to"],
  ["?from=2026-11-01&to=2026-11-04&tz=Mars/Olympus", "tz"],
  ["?from=2026-11-01&to=2026-11-04&granularity=second", "granularity"],
  ["?from=0001-01-01&to=9999-01-01&granularity=minute", "granularity"],
  ["?from=2026-11-01&to=2026-11-04&by=nonsense", "by.0"],
  ["?from=2026-11-01&to=2026-11-04&by=genre,platform,source", "by"],
  [`?from=2026-11-01&to=2026-11-04&by=${"genre,".repeat(300)}`, "by"],
  ["?from=2026-11-01&to=2026-11-04&by=service", "by"],
  ["?from=2026-11-01&to=2026-11-04&filter=nonsense", "filter.0"],
  ["?from=2026-11-01&to=2026-11-04&filter=platform:", "filter.0"],
  ["?from=2026-11-01&to=2026-11-04&filter=service:a", "filter"],
  ["?from=2026-11-01&to=2026-11-04&filter=%7B%22a%22%3A%7B%22b%22%3A1%7D%7D", "filter.0"],
  ["?from=2026-11-01&to=2026-11-04&stat=p42", "stat"],
  ["?from=2026-11-01&to=2026-11-04&window=2", "window"],
  ["?from=2026-11-01&to=2026-11-04&window=NaN", "window"],
  ["?from=2026-11-01&to=2026-11-04&compare=next", "compare"],
  ["?from=2026-11-01&to=2026-11-04&fresh=1", "fresh"],
  ["?from=2026-11-01&from=2026-11-02&to=2026-11-04", "from"],
  ["?from=2026-11-01&to=2026-11-04&colour=red", "colour"],
  ["?from=2026-11-01&to=2026-11-04&__proto__=1", "__proto__"],
])("%s is refused as problem details that name %s", async (query, path) => {
  const { status, headers, json, text } = await api.get(`/api/v1/metrics/votes${query}`);
  expect(status).toBe(400);
  expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
  expect(json.instance).toMatch(/^urn:trace:[0-9a-f]{32}$/);
  expect(text.length).toBeLessThan(8_192);
});

test.each(["nonsense", "__proto__", "constructor", "toString"])("the metric %s is not found", async (metric) => {
  const { status, json } = await api.get(`/api/v1/metrics/${metric}?from=2026-11-01&to=2026-11-04`);
  expect([status, json.type]).toEqual([404, "/problems/not-found"]);
});

test("the catalogue is listed with definitions, kinds, dimensions and statistics", async () => {
  const { status, json } = await api.get("/api/v1/metrics");
  expect(status).toBe(200);
  const { metrics } = metricListing.parse(json);
  const duration = metrics.find(({ name }) => name === "request_duration");
  expect(duration).toMatchObject({ unit: "ms", kind: "duration", statistics: ["mean", "p50", "p90", "p95", "p99"], privacy: "system" });
  expect(metrics.find(({ name }) => name === "votes")?.dimensions).toContain("genre");
});

test("fresh waits until what was acknowledged before the call is folded", async () => {
  const store = openMemoryStore();
  const own = await startTestApi({ store });
  await append(store, [vote("2026-11-02", "comedy", "like")]);
  const path = "/api/v1/metrics/votes?from=2026-11-01&to=2026-11-04&granularity=total";
  expect((await own.get(path)).json.totals[0].value).toBe(0);
  const fresh = own.get(`${path}&fresh=true`);
  await appendAndFold(store, []);
  expect((await fresh).json.totals[0].value).toBe(1);
  await own.close();
});

test("fresh gives up after five seconds with 503 and Retry-After", async () => {
  let nowMs = testNowMs;
  const store = openMemoryStore();
  const own = await startTestApi({
    store,
    clock: { nowMs: () => nowMs },
    sleep: async (ms) => {
      nowMs += ms;
    },
  });
  await append(store, [vote("2026-11-02", "comedy", "like")]);
  const { status, headers, json } = await own.get("/api/v1/metrics/votes?from=2026-11-01&to=2026-11-04&fresh=true");
  expect([status, json.type, headers.get("retry-after")]).toEqual([503, "/problems/unavailable", "1"]);
  expect(nowMs - testNowMs).toBe(5_000);
  await own.close();
});

test("the same numbers are CSV where `Accept` prefers it, or `format` says so", async () => {
  const path = "/api/v1/metrics/positive_rate?from=2026-11-02&to=2026-11-03&by=genre";
  const { json } = await api.get(path);
  const [comedy] = json.series;
  const [{ interval, numerator, denominator }] = comedy.points;
  const expected = [
    "genre,start,value,numerator,denominator,low,high,count,partial",
    `comedy,2026-11-02T00:00:00.000Z,${numerator / denominator},2,3,${interval[0]},${interval[1]},,false`,
    "drama,2026-11-02T00:00:00.000Z,0,0,1,0,0.7934506856227626,,false",
    "",
  ].join("\r\n");
  const authorization = `Bearer ${api.key.admin}`;
  for (const [query, accept] of [
    ["", "text/csv"],
    ["", "application/json;q=0.1, text/csv;q=0.9"],
    ["&format=csv", "*/*"],
    ["&format=csv", "application/json"],
  ] as const) {
    const { status, headers, text } = await api.get(path + query, { authorization, accept });
    expect([status, headers.get("content-type"), text]).toEqual([200, "text/csv; charset=utf-8; header=present", expected]);
    expect(headers.get("vary")).toBe("accept");
  }
  for (const [query, accept] of [
    ["", "*/*"],
    ["", "text/html,application/xml;q=0.9,*/*;q=0.8"],
    ["&format=json", "text/csv"],
  ] as const)
    expect((await api.get(path + query, { authorization, accept })).json).toEqual(json);
});

test("a form that there is not is refused by name, also where a procedure has one form only", async () => {
  const apiError = await api.get("/api/v1/metrics/votes?from=2026-11-02&to=2026-11-03&format=xml");
  expect([apiError.status, apiError.json.errors]).toEqual([400, [{ path: "format", message: "must be json or csv" }]]);
  expect((await api.get("/api/v1/metrics?format=csv")).status).toBe(400);
});

test("what is refused is a problem, whichever form was asked for", async () => {
  const { status, headers } = await api.get("/api/v1/metrics/votes?from=2026-11-03&to=2026-11-02&format=csv");
  expect([status, headers.get("content-type")?.split(";")[0]]).toEqual([400, "application/problem+json"]);
});

test("a window of days that ends with a day without a midnight counts all of its first day", async () => {
  const cairo = await startTestApi();
  await appendAndFold(cairo.store, [
    storedEvent({ timestampMs: Date.parse("2026-04-17T00:30:00+02:00"), userId: "ana" }),
    storedEvent({ timestampMs: Date.parse("2026-03-25T00:30:00+02:00"), userId: "bea" }),
    storedEvent({ timestampMs: Date.parse("2026-04-23T12:00:00+02:00"), userId: "cai" }),
  ]);
  const question = "from=2026-04-23&to=2026-04-24&tz=Africa/Cairo";
  const valueOf = async (metric: string) => (await cairo.get(`/api/v1/metrics/${metric}&${question}`)).json.totals[0];
  expect(await valueOf("active_users?window=7&granularity=day")).toMatchObject({ value: 2 });
  expect(await valueOf("active_users?window=30")).toMatchObject({ value: 3 });
  expect(await valueOf("stickiness?granularity=day")).toMatchObject({ numerator: 1, denominator: 3 });
  await cairo.close();
});
