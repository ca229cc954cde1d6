import { anyWorldAndQueries } from "@trinity/aggregation/world-arbitrary";
import { createSealedWorlds } from "@trinity/columns/sealed-world";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import type { Answer } from "../answer.ts";
import { ask } from "../asking.testing.ts";
import type { DataOf, QuestionOf } from "../questions.ts";

vi.setConfig({ testTimeout: 240_000 });

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

/** A world is asked about every fourth metric. */
const parts = 4;

test("Feature: analytics-system, Property 2: metrics aggregation consistency - an answer and the rows behind it are the same, to the last digit, whether events are read from columns or from the log", async () => {
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(
      anyWorldAndQueries,
      fc.nat(parts - 1),
      fc.array(fc.boolean()),
      fc.integer({ min: 1, max: 9 }),
      async ({ world, queries }, part, isSealedAfter, limit) => {
        const { store, columns: opened } = await worlds.open(world.folds, isSealedAfter);
        const columns = { ...opened, read: (...all: Parameters<typeof opened.read>) => ((counted += 1), opened.read(...all)) };
        const days = { fromMs: world.asOfMs - 40 * 86_400_000, toMs: world.asOfMs + 40 * 86_400_000 };
        const scope = { ...days, timeZone: "UTC", filters: [] };
        const patterns = { kind: limit % 2 === 0 ? "roomAbandonment" : "contentRejections", scope, limit: 100 } as const;
        expect(await ask(store, patterns, days.toMs, columns)).toEqual(await ask(store, patterns, days.toMs));
        for (const query of queries.filter((_, i) => i % parts === part)) {
          const question = { kind: "metric", ...query } as const;
          expect(await ask(store, question, world.asOfMs, columns)).toEqual(await ask(store, question, world.asOfMs));
          const { granularity: _, by: __, ...ofRows } = query;
          for (let cursor: string | null = null, page = 0; page === 0 || (cursor !== null && page < 2); page++) {
            const rows: QuestionOf<"rows"> = { kind: "rows", ...ofRows, side: null, limit, cursor };
            const expected: Answer<DataOf<"rows">> = await ask(store, rows, world.asOfMs);
            expect(await ask(store, rows, world.asOfMs, columns)).toEqual(expected);
            cursor = expected.data.nextCursor;
          }
        }
      },
    ),
    { numRuns: 100, endOnFailure: true },
  );
  expect(counted).toBeGreaterThan(100);
});
