import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInAny, joinTimeRanges } from "@trinity/aggregation/time-range";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { startEngine } from "./engine/engine.ts";
import { inAnyOf } from "./facts-where.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "trinity-facts-where-"));
const engine = startEngine({ spillDir: join(folder, "spill") });
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test("SQL finds the times that are in one of some ranges, be they regular or not", async () => {
  const anyRanges = fc.record({
    unitMs: fc.constantFrom(1, 7, 1_800_000),
    startMs: fc.integer({ min: -5, max: 1_790_000_000_000 }),
    ranges: fc.array(fc.record({ from: fc.nat(60), length: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 9 }),
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
