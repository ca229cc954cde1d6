import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { valueSeparator } from "@trinity/aggregation/cell";
import { unknownValue } from "@trinity/aggregation/dimension";
import { isInAny, joinTimeRanges } from "@trinity/aggregation/time-range";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { startEngine } from "./engine/engine.ts";
import { conditionOf } from "./facts-where.ts";
import { inAnyOf } from "./in-any-of.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "trinity-facts-where-"));
const engine = startEngine({ spillDir: join(folder, "spill") });
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test("SQL finds the times that are in one of some ranges, be they regular or not", async () => {
  const anyLength = fc.integer({ min: 1, max: 9 });
  const sameEachDay = fc
    .record({ from: fc.nat(60), length: anyLength, pause: fc.integer({ min: 1, max: 9 }), days: fc.integer({ min: 3, max: 9 }) })
    .map(({ from, length, pause, days }) => Array.from({ length: days }, (_, i) => ({ from: from + i * (length + pause), length })));
  const anyRanges = fc.record({
    unitMs: fc.constantFrom(1, 7, 1_800_000),
    startMs: fc.integer({ min: -5, max: 1_790_000_000_000 }),
    ranges: fc.oneof(fc.array(fc.record({ from: fc.nat(60), length: anyLength }), { minLength: 1, maxLength: 9 }), sameEachDay),
    farMs: fc.constantFrom(0, 86_400_000),
  });
  await fc.assert(
    fc.asyncProperty(anyRanges, async ({ unitMs, startMs, ranges, farMs }) => {
      const asked = joinTimeRanges([
        ...ranges.map(({ from, length }) => ({ fromMs: startMs + from * unitMs, toMs: startMs + (from + length) * unitMs })),
        // With an odd end, the unit of all of them is a millisecond.
        ...(farMs === 0 ? [] : [{ fromMs: startMs + 100 * unitMs, toMs: startMs + 100 * unitMs + farMs + 1 }]),
      ]);
      const times = asked.flatMap(({ fromMs, toMs }) => [fromMs - 1, fromMs, fromMs + 1, toMs - 1, toMs, toMs + 1]);
      const sql = `SELECT coalesce(list(atMs::DOUBLE ORDER BY nth), []) FROM (
        SELECT unnest($times::JSON::BIGINT[]) AS atMs, generate_subscripts($times::JSON::BIGINT[], 1) AS nth) WHERE ${inAnyOf(asked)}`;
      const [[found] = []] = await engine.read({ sql, parameters: { times: JSON.stringify(times) } });
      expect(found).toEqual(times.filter((atMs) => isInAny(asked, atMs)));
    }),
    { numRuns: 200 },
  );
});

test("SQL passes what a filter passes, where no value is the unknown one", async () => {
  const anyValue = fc.constantFrom("comedy", "drama", "horror", unknownValue);
  const anyFilter = fc.record({
    dimension: fc.constantFrom("genre" as const, "platform" as const),
    values: fc.uniqueArray(anyValue, { minLength: 1, maxLength: 3 }),
    negated: fc.boolean(),
  });
  const facts: readonly (readonly string[])[] = [
    [],
    ["comedy"],
    ["drama"],
    ["horror"],
    [unknownValue],
    ["comedy", "drama"],
    ["drama", "horror"],
  ];
  await fc.assert(
    fc.asyncProperty(anyFilter, async (filter) => {
      // Only a genre may have several values.
      const asked = filter.dimension === "genre" ? facts : facts.filter((values) => values.length < 2);
      const told = asked.map((values) => (values.length === 0 ? null : values.join(valueSeparator)));
      const sql = `SELECT coalesce(list(nth::DOUBLE ORDER BY nth), []) FROM (
        SELECT unnest($told::JSON::VARCHAR[]) AS said, generate_subscripts($told::JSON::VARCHAR[], 1) - 1 AS nth) WHERE ${conditionOf(filter, "said")}`;
      const [[found] = []] = await engine.read({ sql, parameters: { told: JSON.stringify(told) } });
      const passes = (values: readonly string[]) =>
        (values.length === 0 ? [unknownValue] : values).some((value) => filter.values.some((one) => one === value)) !== filter.negated;
      expect(found).toEqual(asked.flatMap((values, i) => (passes(values) ? [i] : [])));
    }),
    { numRuns: 100 },
  );
});
