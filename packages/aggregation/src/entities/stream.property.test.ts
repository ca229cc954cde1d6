import type { StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { storedEvent } from "../stored-event.testing.ts";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const fromMs = Date.UTC(2026, 10, 21);
const toMs = fromMs + 500 * dayMs;

/** What a stream had counted at an instant. */
type Total = { readonly atMs: number; readonly count: number; readonly sum: number };

let ids = 0;
function pointOf({ atMs, count, sum }: Total, series: string, startMs?: number): StoredEvent {
  const started = startMs === undefined ? {} : { startMs };
  const properties = { metric: "v8js.gc.duration", service: "shop", kind: "histogram", unit: "s", temporality: "cumulative" };
  const sent = { ...properties, count, sum, series, ...started };
  return { ...storedEvent({ at: atMs, eventType: "metric_point", properties: sent }), eventId: `point-${ids++}` };
}

/** `[observations, sum]` of the range, as a whole, and every day of it that has any. */
function usage(world: FoldedWorld, source: "planned" | "log" = "planned") {
  const query = question({ metric: "resource_usage", fromMs, toMs, granularity: "day", by: ["resource", "service"] });
  const { series, totals } = world.answer(query, toMs, source);
  const sent = series.flatMap(({ points }) => points.filter(({ count }) => (count ?? 0) > 0));
  return { sent, totals: totals.map(({ count, value }) => [count, Math.round((value ?? 0) * (count ?? 0) * 1e6) / 1e6]) };
}

function folded(events: readonly StoredEvent[], chunk = events.length): FoldedWorld {
  const world = new FoldedWorld();
  for (let from = 0; from < events.length; from += chunk) world.foldEvents(events.slice(from, from + chunk), toMs);
  return world;
}

describe("a running total counts what it grew by", () => {
  const story: readonly (readonly [
    rule: string,
    totals: readonly [atMs: number, count: number, sum: number][],
    known: boolean,
    counts: number,
    sums: number,
  ])[] = [
    [
      "the first point counts whole where the start is known",
      [
        [30_000, 1, 10],
        [90_000, 2, 10],
        [150_000, 2, 10],
      ],
      true,
      2,
      10,
    ],
    [
      "where nobody knows what it was at the start, the first point is where counting begins",
      [
        [30_000, 5, 10],
        [90_000, 7, 11],
      ],
      false,
      2,
      1,
    ],
    [
      "a total that fell began again at nothing",
      [
        [0, 5, 10],
        [minuteMs, 2, 3],
        [2 * minuteMs, 3, 4],
      ],
      true,
      8,
      14,
    ],
    [
      "a gap of hours",
      [
        [0, 1, 1],
        [5 * hourMs, 4, 7],
      ],
      true,
      4,
      7,
    ],
    [
      "a gap of days",
      [
        [0, 1, 1],
        [dayMs - 1, 2, 2],
        [9 * dayMs, 4, 7],
      ],
      true,
      4,
      7,
    ],
    [
      "a gap of months",
      [
        [0, 1, 1],
        [70 * dayMs, 2, 2],
        [400 * dayMs, 4, 7],
      ],
      true,
      4,
      7,
    ],
    [
      "of the points of one second the last counts",
      [
        [0, 1, 1],
        [10, 3, 3],
        [20, 4, 8],
        [minuteMs, 6, 9],
      ],
      true,
      6,
      9,
    ],
    ["a single point of an unknown start says nothing", [[0, 5, 5]], false, 0, 0],
  ];
  test.each(story)("%s", (_, totals, known, counts, sums) => {
    const events = totals.map(([at, count, sum]) => pointOf({ atMs: fromMs + at, count, sum }, "s", known ? fromMs - 1 : undefined));
    expect(usage(folded(events)).totals).toEqual(counts === 0 ? [] : [[counts, sums]]);
    expect(usage(folded(events.toReversed(), 1)).totals).toEqual(counts === 0 ? [] : [[counts, sums]]);
  });

  test("a restart with its own start is another stream, and counts whole", () => {
    const events = [
      pointOf({ atMs: fromMs + 1, count: 4, sum: 8 }, "a", fromMs),
      pointOf({ atMs: fromMs + minuteMs, count: 1, sum: 5 }, "b", fromMs + 2),
    ];
    expect(usage(folded(events)).totals).toEqual([[5, 13]]);
  });
});

/** Streams as they grow: each with the growth of every step, so that the right answer is the sum of what they grew by. */
const anyGrowth = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 1_000, max: 5 * minuteMs }), fc.integer({ min: hourMs, max: 40 * dayMs })),
  count: fc.nat(5),
  thousandths: fc.nat(9_000),
});
const anyStreams = fc.array(fc.record({ steps: fc.array(anyGrowth, { minLength: 1, maxLength: 8 }), known: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

type Grown = { readonly events: readonly StoredEvent[]; readonly count: number; readonly sum: number };
function grown(
  streams: readonly { readonly steps: readonly { afterMs: number; count: number; thousandths: number }[]; readonly known: boolean }[],
): Grown {
  let [count, sum] = [0, 0];
  const events = streams.flatMap(({ steps, known }, index) => {
    let total: Total = { atMs: fromMs, count: 0, sum: 0 };
    return steps.map((step, at) => {
      const thousandths = step.count === 0 ? 0 : step.thousandths;
      total = {
        atMs: total.atMs + step.afterMs,
        count: total.count + step.count,
        sum: (Math.round(total.sum * 1_000) + thousandths) / 1_000,
      };
      if (known || at > 0) [count, sum] = [count + step.count, sum + thousandths];
      return pointOf(total, `series-${index}`, known ? fromMs : undefined);
    });
  });
  return { events, count, sum: sum / 1_000 };
}

const anyDelivery = anyStreams.map(grown).chain((streams) =>
  fc.record({
    streams: fc.constant(streams),
    order: fc.shuffledSubarray([...streams.events], { minLength: streams.events.length }),
    chunk: fc.integer({ min: 1, max: 9 }),
    removed: fc.subarray([...streams.events]),
  }),
);

test("growth is counted once whatever the order and the batches, across gaps, from rollups as from the log", () => {
  fc.assert(
    fc.property(anyDelivery, ({ streams: { events, count, sum }, order, chunk }) => {
      const world = folded(order, chunk);
      expect(usage(world).totals).toEqual(count === 0 ? [] : [[count, sum]]);
      expect(usage(world, "log")).toEqual(usage(world));
      expect(world.state()).toEqual(folded(events).foldEvents([], toMs).state());
    }),
    { numRuns: 150 },
  );
});

test("points that are taken out again leave the streams as if they had never been", () => {
  fc.assert(
    fc.property(anyDelivery, ({ streams: { events }, order, chunk, removed }) => {
      const kept = events.filter((event) => !removed.includes(event));
      expect(folded(order, chunk).unfold(removed).state()).toEqual(folded(kept).foldEvents([], toMs).state());
    }),
    { numRuns: 150 },
  );
});

test("a window stays small however often a stream is exported", () => {
  const events = Array.from({ length: 20_000 }, (_, i) => pointOf({ atMs: fromMs + i * 300, count: i, sum: i }, "busy", fromMs));
  const world = folded(events, 5_000);
  for (const { divisions } of world.entities.stream.values()) expect(divisions.length).toBeLessThanOrEqual(3_600);
  expect(usage(world).totals).toEqual([[19_999, 19_999]]);
});
