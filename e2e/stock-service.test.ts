import { expect, test } from "vitest";
import { startWithinMs } from "./real-process.ts";
import { runStockService } from "./stock-run.ts";

test(
  "every number of a stock OpenTelemetry service equals what the service counted itself",
  async () => {
    const { lines, exports } = await runStockService({ durationMs: 8_000, exportIntervalMs: 1_500, requestEveryMs: 10 });
    expect(lines.filter(({ isEqual }) => !isEqual)).toEqual([]);
    expect(lines.length).toBeGreaterThan(25);
    expect(exports.succeeded).toBeGreaterThan(5);
    expect(exports.failed).toBe(0);
  },
  startWithinMs + 60_000,
);
