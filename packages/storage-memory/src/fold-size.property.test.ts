import { foldNextOrRepeat } from "@trinity/storage/fold-log";
import { FoldWork } from "@trinity/storage/fold-work";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openMemoryStore } from "./memory-event-store.ts";

const hourMs = 3_600_000;
const chunks = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });

test("a fold takes as many chunks as fit into its work, one at least, and says what it left; folds of any size take all, once", () =>
  fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 0, max: 400 }), async (hoursOfChunks, workMax) => {
      const store = openMemoryStore();
      for (const [i, hours] of hoursOfChunks.entries()) {
        await store.append(batchOf(hours.map((hour, j) => newEvent(`e${i}-${j}`, { timestampMs: noonMs - hour * hourMs }))));
      }
      const workOf = (some: readonly (readonly number[])[]) =>
        new FoldWork().add(some.flat().map((hour) => ({ timestampMs: noonMs - hour * hourMs }))).total();
      let done = 0;
      for (;;) {
        const { chunks: folded, work, workLeft } = await foldNextOrRepeat(store, noonMs + 100, workMax);
        const taken = hoursOfChunks.slice(done, done + folded);
        done += folded;
        expect([work, workLeft]).toEqual([workOf(taken), workOf(hoursOfChunks.slice(done))]);
        if (folded > 1) expect(work).toBeLessThanOrEqual(workMax);
        if (folded === 0) break;
      }
      expect([done, (await store.readWatermark()).seq]).toEqual([hoursOfChunks.length, hoursOfChunks.length]);
    }),
    { numRuns: 150 },
  ));
