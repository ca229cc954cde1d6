import { acknowledgementsOf } from "./acknowledgement.ts";
import type { Observation } from "./hostile-case.ts";
import type { IngestCounters } from "./ingest-counters.ts";

/** The answers to senders, to compare with the counters, the statuses and the log. */
export type Ledger = {
  readonly storedIds: Set<string>;
  readonly rejectedIds: Set<string>;
  readonly unknownIds: Set<string>;
};

export function createLedger(): Ledger {
  return { storedIds: new Set(), rejectedIds: new Set(), unknownIds: new Set() };
}

/**
 * Adds one case.
 * @param delta the changes of the counters during the case
 * @returns violations of received = accepted + duplicates + rejected between requests, answers and counters
 */
export function enter(ledger: Ledger, seen: Observation, delta: IngestCounters): string[] {
  const acknowledgements = acknowledgementsOf(seen);
  const rejectedIds = acknowledgements.flatMap((acknowledgement) => acknowledgement.rejectedIds);
  for (const id of rejectedIds) ledger.rejectedIds.add(id);
  if (acknowledgements.length > 0) for (const id of lessOneEach(seen.storedIds ?? [], rejectedIds)) ledger.storedIds.add(id);
  for (const id of seen.unknownIds ?? []) ledger.unknownIds.add(id);
  return imbalances(seen, acknowledgements, delta);
}

/** An id may be in a batch twice, rejected once and accepted once. */
function lessOneEach(ids: readonly string[], without: readonly string[]): readonly string[] {
  const left = [...ids];
  for (const id of without) {
    const at = left.indexOf(id);
    if (at !== -1) left.splice(at, 1);
  }
  return left;
}

function imbalances({ records }: Observation, acknowledgements: ReturnType<typeof acknowledgementsOf>, delta: IngestCounters): string[] {
  const sum = (of: (one: (typeof acknowledgements)[number]) => number | null) =>
    acknowledgements.reduce((total, one) => total + (of(one) ?? 0), 0);
  const rejected = sum((one) => one.rejected);
  const problems: string[] = [];
  const expectEqual = (what: string, reported: number, counted: number) => {
    if (reported !== counted) problems.push(`${what}: answers have ${reported}, counters have ${counted}`);
  };
  expectEqual("rejected", rejected, delta.rejected);
  if (acknowledgements.every(({ accepted }) => accepted !== null)) {
    expectEqual(
      "accepted",
      sum((one) => one.accepted),
      delta.accepted,
    );
    expectEqual(
      "duplicates",
      sum((one) => one.duplicates),
      delta.duplicate,
    );
  }
  if (records !== undefined && acknowledgements.length > 0)
    expectEqual("received", records, delta.accepted + delta.duplicate + delta.rejected);
  return problems;
}
