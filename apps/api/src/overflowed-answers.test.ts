import { dimensionNames } from "@trinity/aggregation/dimension";
import { isLimited } from "@trinity/aggregation/overflow";
import { userAttributes } from "@trinity/aggregation/segment";
import type { StoredEvent } from "@trinity/events/event";
import type { CellRange } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import fc from "fast-check";
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, type TestApi, testNowMs } from "./api-app.testing.ts";
import { listProcedures } from "./procedure-list.ts";
import type { AppRouter } from "./router.ts";

/** A room, the life of its titles, a request: all of one value in every dimension that has a limit. */
function world(value: string, daysAgo = 0): StoredEvent[] {
  const context = { platform: value, deviceType: value, locale: value, appVersion: value, ageBand: value };
  const of = (minute: number, eventType: string, properties: StoredEvent["properties"], userId = `u_${value}`) =>
    storedEvent({
      eventType,
      userId,
      roomId: `r_${value}`,
      timestampMs: testNowMs - 3_600_000 + minute * 60_000 - daysAgo * 86_400_000,
      properties,
      context,
      source: { system: value },
    });
  const title = { contentId: "movie:1", genres: [value], mediaType: "movie" };
  return [
    of(0, "room_created", { seats: 2, mediaType: "movie", genres: [value] }),
    of(1, "room_started", {}),
    of(2, "vote_content", { ...title, vote: "like" }),
    of(3, "vote_content", { ...title, vote: "like", recommended: true }, `u2_${value}`),
    of(4, "screen_view", { screen: "home" }),
    of(5, "consensus_achieved", { contentId: "movie:1" }),
  ];
}

let plain: TestApi;
let beyond: TestApi;
beforeAll(async () => {
  plain = await startTestApi({ store: openMemoryStore() });
  await appendAndFold(plain.store, world("v1"));
  beyond = await startTestApi({ store: openMemoryStore() });
  await appendAndFold(beyond.store, [...world("v1"), ...world("other")]);
});
afterAll(async () => {
  await plain.close();
  await beyond.close();
});

const required: Readonly<Record<string, string>> = { from: "2026-11-16", to: "2026-11-23", metric: "votes" };
const limitedDimensions = dimensionNames.filter(isLimited);
const limitedAttributes = userAttributes.filter(isLimited);
const asks = (["filter", "segment", "by"] as const).flatMap((asked) =>
  listProcedures()
    .filter(({ type, input }) => type === "query" && input.properties[asked] !== undefined)
    .map((procedure) => ({ asked, procedure })),
);
const metrics = ["events", "votes", "active_users", "rooms_created", "sessions"];

type Question = { readonly path: string; readonly input: Record<string, unknown>; readonly dimension: string };

function questionOf(
  { asked, procedure }: (typeof asks)[number],
  dimension: string,
  { value, not, metric }: { readonly value: string; readonly not: string; readonly metric: string },
): Question {
  const given = Object.fromEntries(procedure.input.required.map((name) => [name, name === "metric" ? metric : required[name]]));
  const steps = procedure.path === "funnels.query" ? { steps: ["vote_content"] } : {};
  const takesList = procedure.input.properties[asked]?.type === "array";
  const written = {
    filter: [`${not}${dimension}:${value}`],
    segment: `${not}(${dimension}:${value})`,
    by: takesList ? [dimension] : dimension,
  };
  return { path: procedure.path, input: { ...given, ...steps, [asked]: written[asked] }, dimension };
}

/** Each parameter of each procedure with each dimension that it may name. */
const named = asks.flatMap((ask) =>
  (ask.asked === "segment" ? limitedAttributes : limitedDimensions).map((dimension) => ({ ask, dimension })),
);
const anyWording = fc.record({
  value: fc.constantFrom("v1", "v9", "other"),
  not: fc.constantFrom("", "!"),
  metric: fc.constantFrom(...metrics),
});

const ask = (api: TestApi, { path, input }: Pick<Question, "path" | "input">) =>
  api.get(`/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`);

test("every question that filters, breaks down or takes a segment by a limited dimension names it where facts are under `other`, and only there", async () => {
  const answering = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyWording, async (wording) => {
      for (const { ask: asked, dimension } of named) {
        const question = questionOf(asked, dimension, wording);
        const [with_, without] = [await ask(beyond, question), await ask(plain, question)];
        expect(with_.status).toBe(without.status);
        // No dimension of what is asked for.
        if (with_.status === 400) continue;
        expect(with_.status, with_.text).toBe(200);
        expect(with_.json.result.data.overflowed, JSON.stringify(question)).toContain(question.dimension);
        expect(without.json.result.data.overflowed, JSON.stringify(question)).toBeUndefined();
        answering.add(question.path);
      }
    }),
    { numRuns: 5 },
  );
  expect([...answering].sort()).toEqual([...new Set(asks.map(({ procedure }) => procedure.path))].sort());
});

test("an overview names the dimensions that it breaks its numbers down by itself", async () => {
  const range = { from: "2026-11-16", to: "2026-11-23" };
  expect((await ask(beyond, { path: "dashboard.overview", input: range })).json.result.data.overflowed).toEqual(["genre"]);
  expect((await ask(plain, { path: "dashboard.overview", input: range })).json.result.data.overflowed).toBeUndefined();
});

test("trends name the genres that they compare, and no dimension where they compare titles", async () => {
  const input = { from: "2026-11-16", to: "2026-11-23" };
  const namedBy = async (by: "genre" | "title") =>
    (await ask(beyond, { path: "content.trends", input: { ...input, by } })).json.result.data.overflowed;
  expect([await namedBy("genre"), await namedBy("title")]).toEqual([["genre"], undefined]);
  expect((await ask(plain, { path: "content.trends", input })).json.result.data.overflowed).toBeUndefined();
});

test("an overview reads the numbers of both periods, and what overflowed, in one snapshot", async () => {
  let reads = 0;
  // Two reads find the rooms of a range by time. They count no number.
  const findsRooms = (ranges: readonly CellRange[]) =>
    ranges.some(({ set, fromMs }) => set === "room_milestone/roomId" || fromMs === Number.NEGATIVE_INFINITY);
  const store: typeof beyond.store = Object.create(beyond.store, {
    readRollups: {
      value: (...[ranges, userRanges]: Parameters<typeof beyond.store.readRollups>) => {
        if (!findsRooms(ranges)) reads += 1;
        return beyond.store.readRollups(ranges, userRanges);
      },
    },
  });
  const api = await startTestApi({ store });
  const range = { from: "2026-11-16", to: "2026-11-23" };
  for (const path of ["dashboard.overview", "users.behavior", "rooms.performance", "system.performance"]) {
    reads = 0;
    const filter = path.startsWith("users") ? { filter: ["platform:v1"] } : path.startsWith("rooms") ? { filter: ["genre:v1"] } : {};
    const { json } = await ask(api, { path, input: { ...range, ...filter } });
    expect([path, json.result.data.overflowed !== undefined, reads]).toEqual([path, path !== "system.performance", 2]);
  }
  await api.close();
});

test("the types of the router say which answers may name dimensions", () => {
  type Answers = inferRouterOutputs<AppRouter>;
  type Named = { readonly overflowed?: readonly string[] | undefined };
  expectTypeOf<Answers["users"]["retention"]>().toExtend<Named>();
  expectTypeOf<Answers["users"]["retention"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["users"]["retention"]["cohorts"][number]["size"]>().toEqualTypeOf<number>();
  expectTypeOf<Answers["users"]["behavior"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["dashboard"]["overview"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["system"]["performance"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["rooms"]["performance"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["rooms"]["survival"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["content"]["trends"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["funnels"]["query"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Answers["paths"]["query"]["overflowed"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<inferRouterInputs<AppRouter>["users"]["retention"]["from"]>().toEqualTypeOf<string>();
});

test("a question that names no limited dimension reads no more than it did", async () => {
  let reads = 0;
  const store = openMemoryStore();
  const counting: typeof store = Object.create(store, {
    readRollups: { value: (...all: Parameters<typeof store.readRollups>) => ((reads += 1), store.readRollups(...all)) },
  });
  const api = await startTestApi({ store: counting });
  const question = (filter: readonly string[]) => ({
    path: "funnels.query",
    input: { from: "2026-11-16", to: "2026-11-23", steps: ["vote_content"], filter },
  });
  await ask(api, question([]));
  const plainReads = reads;
  await ask(api, question(["platform:ios"]));
  expect([plainReads, reads > 2 * plainReads]).toEqual([1, true]);
  await api.close();
});

test("CSV names them in a header and stays a table; the period before names its own", async () => {
  const path = "/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&by=platform&format=csv";
  const [said, silent] = [await beyond.get(path), await plain.get(path)];
  expect([said.headers.get("trinity-overflowed"), silent.headers.get("trinity-overflowed")]).toEqual(["platform", null]);
  expect(said.text.split("\r\n")[0]).toBe("platform,start,value,numerator,denominator,low,high,count,partial");

  const api = await startTestApi();
  await appendAndFold(api.store, [...world("v1"), ...world("other", 1)]);
  const { json } = await api.get("/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&filter=platform:v9&compare=previous");
  expect([json.overflowed, json.previous.overflowed]).toEqual([undefined, ["platform"]]);
  await api.close();
});
