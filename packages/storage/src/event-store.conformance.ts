import { describe } from "vitest";
import { appendConformance } from "./conformance/append.conformance.ts";
import { cellCommitConformance } from "./conformance/cell-commit.conformance.ts";
import { entityCommitConformance } from "./conformance/entity-commit.conformance.ts";
import { failureConformance } from "./conformance/failure.conformance.ts";
import { foldCommitConformance } from "./conformance/fold-commit.conformance.ts";
import { logReadingConformance } from "./conformance/log-reading.conformance.ts";
import { rollupConformance } from "./conformance/rollup.conformance.ts";
import { sameEverywhereConformance } from "./conformance/same-everywhere.conformance.ts";
import type { Fault, OpenStore } from "./conformance/store-under-test.testing.ts";
import { verificationConformance } from "./conformance/verification.conformance.ts";

/**
 * Every promise of `EventStore`, as tests. Each adapter's own tests call this; what only one adapter promises is tested beside it.
 * @param open makes a new, empty store for one test
 * @param faults ways in which the adapter's database fails; none for a store without a database
 */
export function eventStoreConformance(adapterName: string, open: OpenStore, faults: readonly Fault[] = []): void {
  describe(`${adapterName} keeps the promises of EventStore:`, () => {
    appendConformance(open);
    logReadingConformance(open);
    foldCommitConformance(open);
    cellCommitConformance(open);
    entityCommitConformance(open);
    rollupConformance(open);
    verificationConformance(open);
    sameEverywhereConformance(open);
    if (faults.length > 0) failureConformance(open, faults);
  });
}
