import type { Measure } from "@trinity/aggregation/measure";
import { measures } from "@trinity/aggregation/measure-catalogue";
import type { Properties } from "@trinity/events/event";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, describe, expect, test } from "vitest";
import { deriveCells } from "./derive-cells.ts";
import { createSealedWorlds } from "./sealed-world.testing.ts";

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

const dayMs = 86_400_000;
const resource = measures.find(({ name }) => name === "resource") as Measure;

type Point = readonly [afterMs: number, properties: Properties];

/** @returns how many observations the points are, and their sum in millionths */
async function observedOf(points: readonly Point[]): Promise<readonly number[]> {
  const events = points.map(([afterMs, properties], i) => ({
    ...newEvent(`point-${i}`, { eventType: "metric_point", properties: { service: "shop", ...properties } }).event,
    timestampMs: noonMs + afterMs,
  }));
  const chunks = [{ seq: 1, receivedAtMs: noonMs, events, receipts: [] }];
  const { columns } = await worlds.open([{ chunks, foldedAtMs: noonMs }], [true]);
  const ranges = [{ fromMs: noonMs - dayMs / 2, toMs: noonMs + 100 * dayMs + dayMs / 2 }];
  const derived = await deriveCells(columns, { measure: resource, ranges, minutesFromMs: noonMs, throughSeq: 1 });
  const byDay = (derived ?? []).filter(({ set, tier }) => set === "resource/resource" && tier === "day");
  return [0, 1].map((component) => byDay.reduce((sum, { sums }) => sum + (sums.get(component) ?? 0), 0));
}

const cpu = (state: string, value: number, series = "cpu-1"): Properties => ({ metric: "system.cpu.utilization", series, state, value });
const gc = (count: number, sum: number, others: Properties = {}): Properties => ({
  metric: "v8js.gc.duration",
  unit: "s",
  series: "gc-1",
  count,
  sum,
  ...others,
});
const known = { startMs: 1 };

/** Every character that `trim` of JavaScript leaves out. */
const blanks = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((one) => one.trim() === "");

describe("resource use in SQL", () => {
  const rules: readonly (readonly [rule: string, points: readonly Point[], observations: number, sum: number])[] = [
    ["a value is one observation", [[0, { metric: "process.cpu.utilization", value: 0.25 }]], 1, 0.25],
    ["a histogram is that many of its mean", [[0, { metric: "v8js.gc.duration", count: 4, sum: 2 }]], 4, 2],
    ["a unit is converted, its annotation left out", [[0, { metric: "process.cpu.utilization", unit: "%{busy}", value: 25 }]], 1, 0.25],
    ["a unit of another quantity counts nothing", [[0, { metric: "process.cpu.utilization", unit: "s", value: 25 }]], 0, 0],
    ["a negative value counts nothing", [[0, { metric: "process.cpu.utilization", value: -1 }]], 0, 0],
    ["a value that rounds to zero is zero", [[0, { metric: "process.cpu.utilization", value: -5e-7 }]], 1, 0],
    ["a metric that is not watched counts nothing", [[0, { metric: "http.server.active_requests", value: 1 }]], 0, 0],
    [
      "states of use are added, and rest beside them counts nothing",
      [
        [0, cpu("user", 0.25)],
        [0, cpu("idle", 0.5)],
        [0, cpu("system", 0.125)],
        [0, cpu("guest", 0.125)],
      ],
      1,
      0.375,
    ],
    [
      "states of use may come to more than a value",
      [
        [0, cpu("user", 6e6)],
        [0, cpu("system", 6e6)],
      ],
      1,
      12e6,
    ],
    [
      "a state is read without its case and the blanks around it",
      [
        [0, cpu(`${blanks.join("")}USER `, 0.25)],
        [0, cpu(`\n Idle${blanks.join("")}`, 0.5)],
      ],
      1,
      0.25,
    ],
    ["of rest alone use is what is left of a whole", [[0, cpu("idle", 0.75)]], 1, 0.25],
    [
      "each series is an observation",
      [
        [0, cpu("user", 0.25)],
        [0, cpu("user", 0.5, "cpu-2")],
      ],
      2,
      0.75,
    ],
    [
      "a running total counts what it grew by",
      [
        [0, gc(2, 1)],
        [60_000, gc(5, 3)],
      ],
      3,
      2,
    ],
    [
      "and its first point whole where the start is known",
      [
        [0, gc(2, 1, known)],
        [60_000, gc(5, 3, known)],
      ],
      5,
      3,
    ],
    [
      "a total that fell began again at nothing",
      [
        [0, gc(5, 3)],
        [60_000, gc(2, 1)],
      ],
      2,
      1,
    ],
    [
      "of the points of one second the last counts",
      [
        [0, gc(9, 9, known)],
        [10, gc(3, 3, known)],
        [60_000, gc(4, 5, known)],
      ],
      4,
      5,
    ],
    [
      "growth across months counts once",
      [
        [0, gc(1, 1)],
        [70 * dayMs, gc(4, 7)],
      ],
      3,
      6,
    ],
    [
      "growth of a sum is one observation",
      [0, 60_000, 120_000].map((afterMs) => [afterMs, { metric: "process.memory.usage", unit: "MiBy", series: "m-1", value: afterMs }]),
      2,
      120_000,
    ],
  ];
  test.each(rules)("%s", async (_, points, observations, sum) => {
    expect(await observedOf(points)).toEqual([observations, sum * 1e6]);
  });
});
