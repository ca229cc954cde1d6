import type { PathQuery } from "@trinity/aggregation/path";
import { anyWorld } from "@trinity/aggregation/world-arbitrary";
import { foldNext } from "@trinity/storage/fold-log";
import { keyOf } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ask, askMetric } from "../asking.testing.ts";

const dayMs = 86_400_000;
const range = (aroundMs: number) => ({ fromMs: aroundMs - dayMs, toMs: aroundMs + dayMs / 2 });
const question = { by: "eventType", start: null, end: null, depth: 5, nodesMax: 3, filters: [] } as const satisfies Partial<PathQuery>;

test("as many inferred sessions have a path as the metric counts", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async ({ events, aroundMs }) => {
      const store = openMemoryStore();
      const unnamed = events.map((event) => ({ key: keyOf(event.eventId), event: { ...event, sessionId: null } }));
      await store.append({ receivedAtMs: aroundMs, events: unnamed, rejections: [] });
      await foldNext(store, aroundMs, 1_000);
      const nowMs = aroundMs + 30 * dayMs;
      const { data } = await ask(store, { kind: "paths", ...question, ...range(aroundMs) }, nowMs);
      const counted = await askMetric(
        store,
        {
          metric: "sessions",
          granularity: "total",
          by: [],
          filters: [],
          timeZone: "UTC",
          statistic: "mean",
          windowDays: 1,
          ...range(aroundMs),
        },
        nowMs,
      );
      expect(counted.totals[0]?.value ?? 0).toBe(data.sessions);
    }),
    { numRuns: 200 },
  );
});

test("however late and in whatever batches events come, funnels and paths are those of the log in order", async () => {
  const anyDelivery = anyWorld.chain((world) =>
    fc.record({
      world: fc.constant(world),
      late: fc.shuffledSubarray([...world.events], { minLength: world.events.length }),
      size: fc.integer({ min: 1, max: 9 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anyDelivery, async ({ world: { aroundMs, events }, late, size }) => {
      const answersAfter = async (delivered: readonly (typeof events)[]) => {
        const store = openMemoryStore();
        for (const batch of delivered) {
          await store.append({
            receivedAtMs: aroundMs,
            events: batch.map((event) => ({ key: keyOf(event.eventId), event })),
            rejections: [],
          });
          await foldNext(store, aroundMs, 1_000);
        }
        const steps = ["join_room", "vote_content"];
        const funnel = { steps, windowMs: dayMs, order: "ordered", hold: null, filters: [], ...range(aroundMs) } as const;
        const answers = [
          await ask(store, { kind: "funnel", ...funnel }, aroundMs + 9 * dayMs),
          await ask(store, { kind: "paths", ...question, ...range(aroundMs) }, aroundMs + 9 * dayMs),
        ];
        return answers.map(({ revision: _, ...answer }) => answer);
      };
      const batches = Array.from({ length: Math.ceil(late.length / size) }, (_, i) => late.slice(i * size, (i + 1) * size));
      expect(await answersAfter(batches)).toEqual(await answersAfter([events]));
    }),
    { numRuns: 200 },
  );
});
