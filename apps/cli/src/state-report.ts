import { metricsOfSet } from "@trinity/aggregation/metric-catalogue";
import type { StateRowKey } from "@trinity/storage/state-row";
import type { BucketKey, Repair, VerificationSummary } from "@trinity/storage/verification-store";
import type { Recount } from "@trinity/verification/recount";
import type { VerificationReport } from "@trinity/verification/verify-store";

/** @returns the result of a comparison, for machines */
export function reportOf(verification: VerificationReport, bySql: Recount | null, statuses: VerificationSummary) {
  const { differences, ...counts } = verification;
  const { lastRepairs: _, ...counted } = statuses;
  return {
    ...counts,
    differences: differences.map((difference) => ({ ...difference, name: nameOf(difference.key) })),
    bySql: bySql && { cells: bySql.cells, differing: bySql.differing },
    marks: counted,
  };
}

/** @returns the same for people: a line for each difference that is known */
export function textOf(verification: VerificationReport, bySql: Recount | null, statuses: VerificationSummary): string {
  const { throughSeq, cells, entities, differing, differences } = verification;
  const { buckets, verified, pending, repaired, frozen, lastCycle } = statuses;
  const when = lastCycle === null ? "no cycle yet" : `last cycle ${new Date(lastCycle.finishedAtMs).toISOString()}`;
  const lines = [
    `${cells} cells and ${entities} entities derived from ${throughSeq} commits of the log: ${differing} differ`,
    ...differences.map((difference) => `  ${lineOf(difference)}`),
    ...(differing > differences.length ? [`  and ${differing - differences.length} more`] : []),
    ...(bySql === null
      ? []
      : [`${bySql.cells} cells derived by SQL: ${bySql.differing.length} buckets differ`, ...bySql.differing.map(lineOfBucket)]),
    `${buckets} buckets have a status: ${verified} verified, ${pending} pending, ${repaired} repaired, ${frozen} of them frozen; ${when}`,
  ];
  return `${lines.join("\n")}\n`;
}

function lineOfBucket({ set, tier, bucketMs }: BucketKey): string {
  return `  ${set} ${tier} ${new Date(bucketMs).toISOString()}: read by ${metricsOfSet(set).join(", ") || "no metric"}`;
}

function lineOf({ key, stored, derived }: Repair): string {
  return `${nameOf(key)}: ${stored ?? "nothing"} should be ${derived ?? "nothing"}`;
}

function nameOf(key: StateRowKey): string {
  switch (key.table) {
    case "mark":
      return "mark";
    case "entity":
      return `${key.kind} ${key.key}`;
    case "index":
      return `index ${key.kind} ${key.key} ${key.seq}`;
    case "cell":
      return `${key.set} ${key.tier} ${new Date(key.bucketMs).toISOString()} ${JSON.stringify(key.value)}`;
  }
}
