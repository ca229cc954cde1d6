import { describe } from "vitest";
import { appendConformance } from "./conformance/append.conformance.ts";
import { cellCommitConformance } from "./conformance/cell-commit.conformance.ts";
import { entityCommitConformance } from "./conformance/entity-commit.conformance.ts";
import { type Failures, failureConformance } from "./conformance/failure.conformance.ts";
import { foldCommitConformance } from "./conformance/fold-commit.conformance.ts";
import { logReadingConformance } from "./conformance/log-reading.conformance.ts";
import { rollupConformance } from "./conformance/rollup.conformance.ts";
import type { OpenStore } from "./conformance/store-under-test.testing.ts";
import { verificationConformance } from "./conformance/verification.conformance.ts";

/**
 * The promises of `EventStore` as tests. Each adapter's tests call this, and `storeHistoryConformance` of the verification package.
 * What only one adapter promises is tested beside it.
 * @param open makes a new, empty store for one test
 * @param failures how the adapter's database fails; absent for a store without a database
 */
export function eventStoreConformance(adapterName: string, open: OpenStore, failures?: Failures): void {
  describe(`${adapterName} keeps the promises of EventStore:`, () => {
    appendConformance(open);
    logReadingConformance(open);
    foldCommitConformance(open);
    cellCommitConformance(open);
    entityCommitConformance(open);
    rollupConformance(open);
    verificationConformance(open);
    if (failures !== undefined) failureConformance(failures);
  });
}
