import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import type { StateRow } from "@trinity/storage/state-row";
import { allRows } from "@trinity/storage/store-contents";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyStoreHistory } from "./any-store-history.testing.ts";
import { anyDamage, damageStore, fewEvents, foldThem, storeAfter } from "./damaged-store.testing.ts";
import { openMemoryShadowState } from "./memory-shadow-state.ts";
import { unthrottled } from "./replay.ts";
import { verificationCycle } from "./verification-cycle.ts";
import { verifyStore } from "./verify-store.ts";

const settings = { nowMs: () => noonMs, throttle: unthrottled };

describe("a cycle of verification", () => {
  test("finds nothing after any history, and leaves no bucket pending", () =>
    fc.assert(
      fc.asyncProperty(anyStoreHistory, async (history) => {
        const store = await storeAfter(history);
        const report = await verificationCycle(store, openMemoryShadowState(), settings);
        expect(report).toMatchObject({ differing: 0, repaired: 0, throughSeq: (await store.readWatermark()).seq });
        const { pending, lastCycle } = await store.readVerification();
        expect(pending).toBe(0);
        expect(lastCycle).toEqual({ finishedAtMs: noonMs, throughSeq: report.throughSeq, unresolved: 0, unresolvedBuckets: [] });
      }),
      { numRuns: 100 },
    ));

  test("restores any damage since the last cycle after any history, changes nothing else, and audits each repair", () =>
    fc.assert(
      fc.asyncProperty(
        anyStoreHistory,
        fc.array(anyDamage, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (history, damages, ranBefore) => {
          const store = await storeAfter(history);
          const shadowState = openMemoryShadowState();
          if (ranBefore) await verificationCycle(store, shadowState, settings);
          const before = await allRows(store);
          for (const each of damages) await damageStore(store, before, each);
          const damagedRows = await allRows(store);
          const touched = differingKeys(before, damagedRows);
          const audited = (await store.readVerification()).repairs;

          const report = await verificationCycle(store, shadowState, settings);
          expect(await allRows(store)).toEqual(before);
          expect([report.repaired, report.differing]).toEqual([touched.length, 0]);
          const { repairs, lastRepairs, pending } = await store.readVerification();
          expect(pending).toBe(0);
          expect(repairs - audited).toBe(touched.length);
          const contentsOf = (rows: readonly StateRow[], id: string) => rows.find(({ key }) => JSON.stringify(key) === id)?.content ?? null;
          for (const { key, stored, derived } of lastRepairs.slice(0, touched.length)) {
            const id = JSON.stringify(key);
            expect([stored, derived]).toEqual([contentsOf(damagedRows, id), contentsOf(before, id)]);
          }
        },
      ),
      { numRuns: 200 },
    ));

  test("replaces a damaged shadow state and leaves the store unchanged", () =>
    fc.assert(
      fc.asyncProperty(anyStoreHistory, anyDamage, async (history, each) => {
        const store = await storeAfter(history);
        const shadowState = openMemoryShadowState();
        await verificationCycle(store, shadowState, settings);
        const before = await allRows(store);
        await damageStore((await shadowState.incremental("empty")) as EventStore, before, each);
        expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ repaired: 0, differing: 0 });
        expect(await allRows(store)).toEqual(before);
        expect(await verifyStore(store, { derived: await shadowState.incremental("empty") })).toMatchObject({ differing: 0 });
      }),
      { numRuns: 100 },
    ));

  test("repairs only damage while events are appended and folded between its steps", () =>
    fc.assert(
      fc.asyncProperty(anyStoreHistory, anyDamage, async (history, each) => {
        const store = await storeAfter([...history, fewEvents, foldThem]);
        await damageStore(store, await allRows(store), each);
        let appended = 0;
        const throttle = async () => {
          if (appended++ < 20) await store.append(batchOf([newEvent(`meanwhile-${appended}`, { timestampMs: noonMs + appended })]));
          await foldAll(store, () => noonMs);
        };
        expect(await verificationCycle(store, openMemoryShadowState(), { ...settings, throttle })).toMatchObject({ differing: 0 });
        expect(await verifyStore(store)).toMatchObject({ differing: 0 });
      }),
      { numRuns: 100 },
    ));
});

function differingKeys(before: readonly StateRow[], after: readonly StateRow[]): readonly string[] {
  const texts = (rows: readonly StateRow[]) => new Map(rows.map(({ key, content }) => [JSON.stringify(key), content]));
  const [was, is] = [texts(before), texts(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((id) => was.get(id) !== is.get(id));
}
