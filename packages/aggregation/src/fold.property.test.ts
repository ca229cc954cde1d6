import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { tierMs } from "./bucket.ts";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import { dimensionsOfMetric } from "./metric.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { anyCuts, anyWorld, foldsOf, type World } from "./world-arbitrary.testing.ts";

// Many worlds and questions take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const emptyReceipts = ({ folds }: Pick<World, "folds">): World["folds"] =>
  folds.map(({ chunks, foldedAtMs }) => ({ foldedAtMs, chunks: chunks.map((chunk) => ({ ...chunk, receipts: [] })) }));

/** The folds, and an empty one at the end: the compared worlds end on the same day, so that they drop the same minutes. */
function foldedBy(folds: World["folds"], lastFoldMs: number): FoldedWorld {
  const world = new FoldedWorld();
  for (const { chunks, foldedAtMs } of folds) world.fold(chunks, foldedAtMs);
  return world.foldEvents([], lastFoldMs);
}

function lastFoldOf(...folds: World["folds"]): number {
  return Math.max(...folds.map(({ foldedAtMs }) => foldedAtMs));
}

/** The events that the log accepts from deliveries with repeats: each only once. */
function withoutRepeats<Event extends { readonly eventId: string }>(delivered: readonly Event[]): readonly Event[] {
  return [...new Map(delivered.map((event) => [event.eventId, event])).values()];
}

const anyArrangement = anyWorld.chain((world) =>
  fc.record({
    world: fc.constant(world),
    delivered: fc.tuple(fc.shuffledSubarray([...world.events]), fc.shuffledSubarray([...world.events], { minLength: world.events.length })),
    cuts: anyCuts,
  }),
);

test("events in any order, with any repeats, in any batches and any folds give the same entities and cells", () => {
  fc.assert(
    fc.property(anyArrangement, ({ world, delivered: [some, all], cuts }) => {
      const rearranged = foldsOf(withoutRepeats([...some, ...all]), cuts, world.aroundMs);
      const lastFoldMs = lastFoldOf(...rearranged, ...world.folds);
      expect(foldedBy(rearranged, lastFoldMs).state()).toEqual(foldedBy(world.folds, lastFoldMs).state());
    }),
    { numRuns: 200 },
  );
});

test("events in any order, with any repeats, in any batches and any folds give the same answer for every metric and dimension", () => {
  fc.assert(
    fc.property(anyArrangement, ({ world, delivered: [some, all], cuts }) => {
      const rearranged = foldsOf(withoutRepeats([...some, ...all]), cuts, world.aroundMs);
      expect(answers(foldedBy(rearranged, world.asOfMs), world)).toEqual(answers(foldedBy(emptyReceipts(world), world.asOfMs), world));
    }),
  );
});

// Ingest counts and freshness depend on when and in which batches events arrived, so they differ.
function answers(world: FoldedWorld, { aroundMs, asOfMs }: Pick<World, "aroundMs" | "asOfMs">) {
  const fromMs = Math.floor(aroundMs / tierMs.day) * tierMs.day - 3 * tierMs.day;
  const aboutEvents = metricCatalogue.filter(({ calculation: { measures } }) => measures[0].origin !== "chunks");
  return aboutEvents.flatMap((metric) =>
    dimensionsOfMetric(metric).map((dimension) => {
      const query = question({ metric: metric.name, fromMs, toMs: fromMs + 6 * tierMs.day, granularity: "day", by: [dimension] });
      const { series, totals } = world.answer(query, asOfMs);
      return { query, series, totals };
    }),
  );
}

test("a chunk that does not follow the watermark is an error, because events would be lost or counted twice", () => {
  fc.assert(
    fc.property(anyWorld, fc.integer({ min: -3, max: 3 }), ({ folds, aroundMs }, skip) => {
      const world = new FoldedWorld();
      for (const { chunks, foldedAtMs } of folds) world.fold(chunks, foldedAtMs);
      const seq = world.watermark.seq + 1 + skip;
      const foldAgain = () => world.fold([{ seq, receivedAtMs: aroundMs, receipts: [], events: [] }], aroundMs);
      if (skip === 0) expect(foldAgain).not.toThrow();
      else expect(foldAgain).toThrow(RangeError);
    }),
  );
});

const anyRemoval = anyWorld.chain((world) => fc.record({ world: fc.constant(world), removed: fc.shuffledSubarray([...world.events]) }));

test("events that are folded and unfolded again leave all entities and cells as without them", () => {
  fc.assert(
    fc.property(anyRemoval, ({ world, removed }) => {
      const lastFoldMs = lastFoldOf(...world.folds);
      const kept = world.events.filter((event) => !removed.includes(event));
      const without = new FoldedWorld().foldEvents(kept, world.aroundMs).foldEvents([], lastFoldMs);
      expect(foldedBy(world.folds, lastFoldMs).unfold(removed).state()).toEqual(without.state());
    }),
    { numRuns: 200 },
  );
});

test("a world from which all events are unfolded is empty", () => {
  fc.assert(
    fc.property(anyWorld, ({ events, folds, aroundMs }) => {
      const { entities, cells } = foldedBy(folds, aroundMs).unfold(events).state();
      expect(cells).toEqual({});
      expect(entities).toEqual(new FoldedWorld().state().entities);
    }),
  );
});
