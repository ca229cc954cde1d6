import type { MetricAnswer, Point } from "@trinity/aggregation/answer";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { metricCsv } from "./metric-csv.ts";

const csvOf = (...answer: Parameters<typeof metricCsv>) => [...metricCsv(...answer)].join("");

type Series = MetricAnswer["series"];
const start = "2026-11-20T00:00:00.000Z";
const point = (reported: Partial<Point>): Point => ({ start, value: null, partial: false, ...reported });

test("a series is a header and a record a point, each ended by CR and LF", () => {
  const series: Series = [
    { by: { genre: "comedy" }, points: [point({ value: 0.4, numerator: 4, denominator: 10, interval: [0.25, 0.75] })] },
    { by: { genre: "drama" }, points: [point({ numerator: 0, denominator: 0, interval: null, partial: true })] },
  ];
  expect(csvOf({ series }, ["genre"])).toBe(
    [
      "genre,start,value,numerator,denominator,low,high,count,partial",
      `comedy,${start},0.4,4,10,0.25,0.75,,false`,
      `drama,${start},,0,0,,,,true`,
      "",
    ].join("\r\n"),
  );
});

test("an answer without series is its header, with the requested dimensions", () => {
  expect(csvOf({ series: [] }, ["platform", "genre"])).toBe("platform,genre,start,value,numerator,denominator,low,high,count,partial\r\n");
});

test.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@A1", "'@A1"],
  ["'quoted", "''quoted"],
  ['say "no", twice', '"say ""no"", twice"'],
  ["two\nlines", '"two\nlines"'],
  ["plain - text", "plain - text"],
])("the text %j is written %j: no spreadsheet takes it for a formula", (value, written) => {
  const csv = csvOf({ series: [{ by: { route: value }, points: [point({ value: 1 })] }] }, ["route"]);
  expect(csv.slice(csv.indexOf("\r\n") + 2)).toBe(`${written},${start},1,,,,,,false\r\n`);
});

test("a number below zero stays a number", () => {
  expect(csvOf({ series: [{ by: {}, points: [point({ value: -1.5 })] }] }, [])).toContain(`${start},-1.5,`);
});

const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const anyPoint = fc.record({
  start: fc.constant(start),
  value: fc.option(anyNumber),
  numerator: fc.integer(),
  denominator: fc.integer(),
  interval: fc.option(fc.tuple(anyNumber, anyNumber)),
  count: fc.nat(),
  partial: fc.boolean(),
});

test("another reader of CSV gets back every text, and every number to the last bit", () => {
  const anySeries = fc.array(
    fc.record({
      by: fc.record({ genre: fc.string({ unit: "binary" }), route: fc.string() }),
      points: fc.array(anyPoint, { maxLength: 3 }),
    }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(anySeries, (series) => {
      const [, ...records] = parse(csvOf({ series }, ["genre", "route"]), { record_delimiter: "\r\n" }) as string[][];
      const textOf = (field: string | undefined) => field?.replace(/^'/, "");
      const numberOf = (field: string | undefined) => (field === "" ? null : Number(field));
      const read = records.map(([genre, route, at, value, numerator, denominator, low, high, count, partial]) => ({
        by: { genre: textOf(genre), route: textOf(route) },
        start: at,
        value: numberOf(value),
        numerator: numberOf(numerator),
        denominator: numberOf(denominator),
        interval: low === "" ? null : [numberOf(low), numberOf(high)],
        count: numberOf(count),
        partial: partial === "true",
      }));
      expect(read).toEqual(series.flatMap(({ by, points }) => points.map((one) => ({ by, ...one }))));
    }),
    { numRuns: 200 },
  );
});
