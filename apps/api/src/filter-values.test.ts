import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAndFold, type Json, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";

/** Texts as senders may choose them, each with the signs by which filters and segments are read. */
const texts = [
  "and,roid",
  'say "hi"',
  '"',
  '""',
  '"quoted"',
  ",",
  "a:b",
  "platform:ios",
  "!ios",
  "ios&web|tv",
  " ios ",
  "(x)",
  "\\",
  'a\\"b',
  "ñandú, 日本",
  "%2C",
  ...fc.sample(fc.string({ unit: fc.constantFrom('"', ",", ":", "!", "&", "|", " ", "a") }), { numRuns: 30, seed: 9 }),
];
const values = [...new Set(texts.filter((text) => text !== ""))];
const idOf = (value: string) => `tv:${Buffer.from(value).toString("hex").slice(0, 40)},"${values.indexOf(value)}"`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const events = values.flatMap((value, i) => {
    const context = { platform: value, deviceType: value, locale: value, appVersion: value, ageBand: value };
    const span = {
      service: value,
      route: value,
      kind: "server",
      failed: false,
      durationUs: 1_000,
      traceId: "1".repeat(32),
      spanId: "1".repeat(16),
    };
    return [
      storedEvent({
        userId: `u_${i}`,
        roomId: `r_${i}`,
        timestampMs: testNowMs - 3_600_000,
        context,
        source: { system: value },
        properties: { contentId: idOf(value), vote: "like", genres: [value] },
      }),
      { ...storedEvent({ eventType: "span", timestampMs: testNowMs - 3_600_000, properties: span }), userId: null, roomId: null },
    ];
  });
  for (let i = 0; i < events.length; i += 40) await appendAndFold(api.store, events.slice(i, i + 40));
});
afterAll(() => api.close());

const written = (value: string) => `"${value.replaceAll('"', '""')}"`;
const range = "from=2026-11-22&to=2026-11-23";
const ask = async (path: string, filter: string, name = "filter") =>
  (await api.get(`/api/v1${path}${path.includes("?") ? "&" : "?"}${range}&${name}=${encodeURIComponent(filter)}`)).json;
const total = (answer: Json) => answer.totals[0].value;

test.each([
  ["events", "platform"],
  ["events", "deviceType"],
  ["events", "locale"],
  ["events", "appVersion"],
  ["events", "source"],
  ["events", "ageBand"],
  ["votes", "genre"],
  ["votes", "contentId"],
  ["requests", "service"],
  ["requests", "route"],
  ["new_users", "favouriteGenre"],
])("%s can be filtered for every value of %s, and for every other", async (metric, dimension) => {
  for (const value of values) {
    const asked = dimension === "contentId" ? idOf(value) : value;
    const filter = `${dimension}:${written(asked)}`;
    expect(total(await ask(`/metrics/${metric}?granularity=total`, filter)), filter).toBe(1);
    expect(total(await ask(`/metrics/${metric}?granularity=total`, `!${filter}`)), filter).toBe(values.length - 1);
  }
  const [first = "", second = ""] = values.map((value) => (dimension === "contentId" ? idOf(value) : value));
  expect(total(await ask(`/metrics/${metric}?granularity=total`, `${dimension}:${written(first)},${written(second)}`))).toBe(2);
});

test("every surface that takes a filter or a segment finds each value", async () => {
  const post = async (path: string, body: object) =>
    (await api.send("POST", `/api/v1/${path}`, JSON.stringify({ from: "2026-11-22", to: "2026-11-23", ...body }))).json;
  for (const value of values) {
    const filter = `platform:${written(value)}`;
    const input = encodeURIComponent(JSON.stringify({ metric: "events", from: "2026-11-22", to: "2026-11-23", filter: [filter] }));
    const csv = await api.get(`/api/v1/metrics/events?${range}&granularity=total&format=csv&filter=${encodeURIComponent(filter)}`);
    const counts = {
      rpc: total((await api.get(`/trpc/metrics.query?input=${input}`)).json.result.data),
      csv: Number(csv.text.split("\r\n")[1]?.split(",")[1]),
      explored: (await ask("/explore/events?metric=events", filter)).total,
      funnel: (await post("funnels/query", { steps: ["vote_content"], filter: [filter] })).steps[0].users,
      paths: (await post("paths/query", { filter: [filter] })).sessions,
      segment: total(await ask("/metrics/active_users?granularity=total", filter, "segment")),
      segments: (await ask("/users/segments", filter, "segment")).segment.users,
      behavior: (await ask("/users/behavior", filter)).metrics.find((one: Json) => one.name === "active_users").totals[0].value,
      titles: (await ask("/content/performance", `genre:${written(value)}`)).titles.length,
    };
    expect(counts, filter).toEqual(Object.fromEntries(Object.keys(counts).map((name) => [name, 1])));
  }
});

test.each(["weekday:8", "!hourOfDay:24", "statusClass:6xx", "recommended:maybe", "releaseDecade:1995", "eventType:nonsense"])(
  "%s, which nothing can have, is 400 with words",
  async (filter) => {
    for (const path of [
      "/metrics/events",
      "/explore/events?metric=events",
      "/users/behavior",
      "/content/performance",
      "/rooms/performance",
    ]) {
      const { status, errors } = await ask(path, filter);
      expect([status, errors[0].path, errors[0].message]).toEqual([400, "filter.0", expect.stringMatching(/ must be /)]);
    }
  },
);

test.each(["cohort:2020-W54", "cohort:2021-W53", "!cohort:2026-13", "activityTier:casual"])(
  "the segment %s is 400 with words",
  async (segment) => {
    for (const path of ["/metrics/active_users", "/explore/events?metric=active_users", "/users/segments", "/users/retention"]) {
      const { status, errors } = await ask(path, segment, "segment");
      expect([status, errors[0].path, errors[0].message]).toEqual([400, "segment", expect.stringMatching(/ must be /)]);
    }
  },
);

test.each(["2026-04-31", "2023-02-29", "2026-13-01", "2026-00-10", "2026-02-30T00:00:00Z", "2020-W54"])(
  "the day %s, which no calendar has, is 400 with words",
  async (day) => {
    const { status, json } = await api.get(`/api/v1/metrics/events?from=2020-01-01&to=${day}`);
    expect([status, json.errors]).toEqual([400, [{ path: "to", message: expect.stringMatching(/^must be a date/) }]]);
  },
);
