import { dimensionNames } from "@trinity/aggregation/dimension";
import { valueProblem } from "@trinity/aggregation/dimension-value";
import { failed, ok } from "@trinity/runtime/result";
import fc from "fast-check";
import { expect, test } from "vitest";
import { filterTexts, parseFilters } from "./filter-text.ts";

const filter = (dimension: string, values: readonly string[], negated = false) => ({ dimension, values, negated });

test.each([
  [["platform:android"], [filter("platform", ["android"])]],
  [["platform:android,ios"], [filter("platform", ["android", "ios"])]],
  [["!platform:android,ios"], [filter("platform", ["android", "ios"], true)]],
  [["contentId:movie:862,tv:1399,platform:ios"], [filter("contentId", ["movie:862", "tv:1399"]), filter("platform", ["ios"])]],
  [
    ["platform:ios", "!genre:drama"],
    [filter("platform", ["ios"]), filter("genre", ["drama"], true)],
  ],
  [["platform:!ios"], [filter("platform", ["!ios"])]],
  [["route:GET /a/{id}"], [filter("route", ["GET /a/{id}"])]],
  [['platform:" a "," "'], [filter("platform", [" a ", " "])]],
  [["platform:a:b,platforms:c"], [filter("platform", ["a:b", "platforms:c"])]],
])("%j means what it says", (texts, filters) => {
  expect(parseFilters(texts)).toEqual(ok(filters));
});

test.each([
  [["ios"]],
  [["platform:ios", "android"]],
  [[""]],
  [["platform:"]],
  [["platform:a,"]],
  [["__proto__:x"]],
  [["constructor:x"]],
  [["!!platform:a"]],
])("%j is refused", (texts) => {
  expect(parseFilters(texts)).toHaveProperty("error.message");
});

test.each([
  ['platform: "a"', 10],
  ['platform:"a", "b"', 14],
  ["platform:a, b", 12],
  ["platform: a", 10],
  ["platform:a ", 10],
  ["platform: ", 10],
  ["platform:a\t", 10],
  ["platform:a,\u00a0b", 12],
  ['platform:a"b', 10],
  ['platform:a,b""', 12],
  ["platform:a,Locale:es-ES", 12],
  ["platform:a,!Locale:es-ES", 12],
  ["platform:a,locale :es-ES", 12],
  ["platform:a, locale:es-ES", 12],
  ["platform:a,,b", 12],
  ['platform:"a"b', 10],
])("%j is refused, with the place: it would match nothing", (text, character) => {
  expect(parseFilters(["eventType:vote_content", text])).toEqual(
    failed({
      path: "filter.1",
      message: expect.stringMatching(new RegExp(`^must .* \\(at character ${character}\\)$`)),
    }),
  );
});

const freeDimensions = dimensionNames.filter((name) => valueProblem(name, "no rule has this word") === null);
const written = (value: string) => `"${value.replaceAll('"', '""')}"`;
const anyFilterOf = (value: fc.Arbitrary<string>) =>
  fc.record({
    dimension: fc.constantFrom(...freeDimensions),
    values: fc.array(value, { minLength: 1, maxLength: 5 }),
    negated: fc.boolean(),
  });

test("unquoted, what is written is what is read", () => {
  const value = fc
    .string({ minLength: 1 })
    .filter((text) => !/[",]|^\s|\s$/.test(text) && !dimensionNames.some((name) => new RegExp(`^!?\\s*${name}\\s*:`, "i").test(text)));
  fc.assert(
    fc.property(fc.array(anyFilterOf(value), { maxLength: 5 }), (filters) => {
      const texts = filters.map(({ dimension, values, negated }) => `${negated ? "!" : ""}${dimension}:${values.join(",")}`);
      expect(parseFilters(texts)).toEqual(ok(filters));
    }),
  );
});

test("unquoted, a blank at either end or a quote anywhere is refused, never read as another value", () => {
  const slip = fc.tuple(fc.string({ minLength: 1 }), fc.nat(), fc.constantFrom(" ", "\t", "\u00a0", '"')).map(([text, at, sign]) => {
    const plain = text.replaceAll(/[",]/g, "x").trim() || "x";
    if (sign !== '"') return at % 2 === 0 ? `${sign}${plain}` : `${plain}${sign}`;
    return `${plain.slice(0, 1 + (at % plain.length))}"${plain.slice(1 + (at % plain.length))}`;
  });
  fc.assert(
    fc.property(fc.constantFrom(...freeDimensions), fc.boolean(), slip, (dimension, isNegated, value) => {
      expect(parseFilters([`${isNegated ? "!" : ""}${dimension}:${value}`])).toHaveProperty("error.message");
      expect(parseFilters([`${dimension}:a,${value}`])).toHaveProperty("error.message");
    }),
    { numRuns: 300 },
  );
});

test("quoted, any text at all is read as it was meant: several values, negated, several filters in one text", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom('"', ",", ":", "!", "&", "|", "(", ")", " ", "\\", "\n", "a", "platform:") }),
  );
  fc.assert(
    fc.property(fc.array(anyFilterOf(anyText), { minLength: 1, maxLength: 5 }), fc.boolean(), (filters, inOne) => {
      const texts = filters.map(({ dimension, values, negated }) => `${negated ? "!" : ""}${dimension}:${values.map(written).join(",")}`);
      expect(parseFilters(inOne ? [texts.join(",")] : texts)).toEqual(ok(filters));
    }),
    { numRuns: 500 },
  );
});

test.each(['platform:"a', 'platform:"a"b', 'platform:a,"b', 'platform:"', 'platform:"""', 'platform:"a" ,b', 'platform:"a",'])(
  "%s is refused: the quotes are not closed, or something stands behind them",
  (text) => {
    expect(parseFilters([text])).toEqual(
      failed({ path: "filter.0", message: expect.stringMatching(/^must (close its quotes|name a value)/) }),
    );
  },
);

test("long texts of quotes and commas that say nothing are refused", () => {
  for (const text of ['platform:"'.repeat(200), `platform:${'"'.repeat(1_989)}`, `platform:"${'""'.repeat(990)}x`, ",".repeat(2_000)]) {
    expect(parseFilters([text])).toHaveProperty("error.message");
  }
});

const neverOf: Readonly<Record<string, readonly string[]>> = {
  eventType: ["content_voted", "vote", "", "unknown"],
  mediaType: ["film", "Movie", ""],
  releaseDecade: ["1995", "1995s", "1990", "90s", "2210s", "0000s"],
  contentId: ["862", "user-finished", "movie 862", "", "é"],
  recommended: ["maybe", "TRUE", "1"],
  roomSize: ["-1", "0", "1001", "2.5", "02", "two"],
  ending: ["matched", "open", "unknown"],
  statusClass: ["6xx", "200", "OK"],
  resource: ["disk", "CPU"],
  outcome: ["stored", "lost"],
  hourOfDay: ["24", "-1", "07", "noon", "unknown", "1e1"],
  weekday: ["0", "8", "monday", "01", ""],
};

test("for each dimension with a closed or structured set of values, one that can never be is refused, also negated and beside others", () => {
  expect(Object.keys(neverOf).toSorted()).toEqual(dimensionNames.filter((name) => !freeDimensions.includes(name)).toSorted());
  for (const [dimension, values] of Object.entries(neverOf)) {
    for (const value of values) {
      for (const text of [
        `${dimension}:${written(value)}`,
        `!${dimension}:${written(value)}`,
        `platform:ios,${dimension}:${written(value)}`,
      ]) {
        expect(parseFilters([text]), text).toEqual(
          failed({
            path: "filter.0",
            message: expect.stringMatching(new RegExp(`^${dimension} must be `)),
          }),
        );
      }
    }
  }
});

test("a filter names fifty values at most, has 2,000 characters at most, and ten are asked for at most", () => {
  const naming = (count: number) => [`platform:${Array.from({ length: count }, (_, i) => `p${i}`).join(",")}`];
  expect(parseFilters(naming(50))).toMatchObject({ value: { length: 1 } });
  expect(parseFilters(naming(51))).toMatchObject({ error: { message: "must name 1 to 50 values" } });
  const ofLength = (length: number) => ["platform:".padEnd(length, "x")];
  expect([2_000, 2_001].map((length) => filterTexts.safeParse(ofLength(length)).success)).toEqual([true, false]);
  expect([10, 11].map((count) => filterTexts.safeParse(new Array(count).fill("platform:ios")).success)).toEqual([true, false]);
});
