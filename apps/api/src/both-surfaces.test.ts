import { dimensionNames } from "@trinity/aggregation/dimension";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { statistics } from "@trinity/aggregation/metric-query";
import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import type { MetricQuestion } from "./metric-question.ts";
import type { AppRouter } from "./router.ts";

let api: TestApi;
let client: ReturnType<typeof createTRPCClient<AppRouter>>;
beforeAll(async () => {
  api = await startTestApi();
  client = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${api.url}/trpc`, headers: { authorization: `Bearer ${api.key.admin}` } })],
  });
  const answers = ["like", "dislike", "skip"];
  await appendAndFold(
    api.store,
    Array.from({ length: 60 }, (_, i) =>
      storedEvent({
        timestampMs: testNowMs - i * 3_000_000,
        userId: `u_${i % 9}`,
        sessionId: null,
        context: { platform: i % 2 === 0 ? "ios" : "android" },
        properties: {
          contentId: `movie:${i % 7}`,
          vote: answers[i % 3] ?? "skip",
          genres: i % 4 === 0 ? ["comedy", "drama"] : ["drama"],
          mediaType: "movie",
        },
      }),
    ),
  );
});
afterAll(() => api.close());

const date = fc.integer({ min: 15, max: 24 }).map((day) => `2026-11-${day}`);
const anyQuestion: fc.Arbitrary<Partial<MetricQuestion> & Pick<MetricQuestion, "metric" | "from" | "to">> = fc.record(
  {
    metric: fc.constantFrom(...metricCatalogue.map(({ name }) => name), "nonsense"),
    from: fc.oneof(date, fc.constantFrom("2026-11-20T10:30:00+01:00", "yesterday")),
    to: date,
    granularity: fc.constantFrom("hour", "day", "week", "month", "total"),
    by: fc.array(fc.constantFrom(...dimensionNames), { maxLength: 2 }),
    filter: fc.array(
      fc.constantFrom("platform:android", "!platform:android,ios", "genre:comedy", "mediaType:movie,weekday:7", "nonsense"),
      { maxLength: 2 },
    ),
    tz: fc.constantFrom("UTC", "Europe/Madrid", "Pacific/Auckland", "Nowhere"),
    stat: fc.constantFrom(...statistics),
    window: fc.constantFrom(1, 7, 30),
    compare: fc.constant("previous"),
  },
  { requiredKeys: ["metric", "from", "to"], noNullPrototype: true },
);

test("tRPC and REST give equal answers and equal refusals to any question", async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(anyQuestion, async ({ metric, ...question }) => {
      const parameters = Object.entries(question).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, String(one)]),
      );
      const rest = await api.get(`/api/v1/metrics/${metric}?${new URLSearchParams(parameters)}`);
      const rpc = await client.metrics.query.query({ metric, ...question }).catch((error: TRPCClientError<AppRouter>) => error);
      if (rpc instanceof TRPCClientError) {
        const { instance: _, ...problem } = rpc.data?.problem ?? {};
        const { instance: __, ...expected } = rest.json;
        expect(problem).toEqual(expected);
      } else {
        answered += 1;
        expect(rest.status).toBe(200);
        expect(rest.json).toEqual(rpc);
      }
    }),
    { numRuns: 300, examples: [[{ metric: "votes", from: "2026-11-20", to: "2026-11-23" }]] },
  );
  expect(answered).toBeGreaterThan(10);
});

const anyNames = fc.array(fc.constantFrom("vote_content", "join_room", "content_voted", "span", "nonsense"), { maxLength: 3 });
const anyRange = { from: date, to: date, tz: fc.constantFrom("UTC", "Pacific/Auckland", "Nowhere") };
const anyFilter = fc.array(fc.constantFrom("platform:android", "!platform:android,ios", "genre:comedy"), { maxLength: 1 });
const anyBody = fc.oneof(
  fc.record({
    procedure: fc.constant("funnels" as const),
    question: fc.record(
      {
        ...anyRange,
        steps: anyNames,
        windowMs: fc.constantFrom(0, 60_000, 604_800_000),
        order: fc.constantFrom("ordered", "strict", "unordered", "any"),
        hold: fc.constantFrom("room", "title"),
        filter: anyFilter,
      },
      { requiredKeys: ["from", "to"], noNullPrototype: true },
    ),
  }),
  fc.record({
    procedure: fc.constant("paths" as const),
    question: fc.record(
      {
        ...anyRange,
        start: fc.constantFrom("vote_content", "nonsense"),
        end: fc.constantFrom("vote_content", "span"),
        depth: fc.integer({ min: 0, max: 5 }),
        by: fc.constantFrom("eventType", "screen"),
        filter: anyFilter,
      },
      { requiredKeys: ["from", "to"], noNullPrototype: true },
    ),
  }),
);

test("tRPC and REST give equal answers and equal refusals to any question about funnels and paths", async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(anyBody, async ({ procedure, question }) => {
      const rest = await api.send("POST", `/api/v1/${procedure}/query`, JSON.stringify(question));
      const ask = (procedure === "funnels" ? client.funnels : client.paths).query.query as (input: unknown) => Promise<unknown>;
      const rpc = await ask(question).catch((error: TRPCClientError<AppRouter>) => error);
      if (rpc instanceof TRPCClientError) {
        const { instance: _, ...problem } = rpc.data?.problem ?? {};
        const { instance: __, ...expected } = rest.json;
        expect(problem).toEqual(expected);
      } else {
        answered += 1;
        expect(rest.status).toBe(200);
        expect(rest.json).toEqual(rpc);
      }
    }),
    {
      numRuns: 300,
      examples: [[{ procedure: "funnels", question: { from: "2026-11-20", to: "2026-11-23", steps: ["vote_content"] } }]],
    },
  );
  expect(answered).toBeGreaterThan(10);
});

test("the typed client knows what the procedures take and answer", async () => {
  const answer = await client.metrics.query.query({
    metric: "votes",
    from: "2026-11-20",
    to: "2026-11-23",
    granularity: "day",
    by: ["genre"],
  });
  const value: number | null | undefined = answer.series[0]?.points[0]?.value;
  expect(value === null || typeof value === "number").toBe(true);
  const { metrics } = await client.metrics.list.query();
  const kind: "count" | "ratio" | "duration" | "distribution" | "distinct" | "peak" | "score" | undefined = metrics[0]?.kind;
  expect(kind).toBe("count");
  const question = { metric: "votes", from: "2026-11-20", to: "2026-11-23", granularity: "second" } as const;
  // @ts-expect-error there is no such granularity
  await expect(client.metrics.query.query(question)).rejects.toThrow();
});

test("a mutation of the typed client works as its REST route does", async () => {
  const { key } = await client.admin.keys.create.mutate({ name: "typed", role: "service" });
  expect(key).toMatch(/^tk_/);
  expect(await client.admin.keys.revoke.mutate({ name: "typed" })).toEqual({ revoked: "typed" });
});
