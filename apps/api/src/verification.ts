import { tierMs } from "@trinity/aggregation/bucket";
import type { EventStore } from "@trinity/storage/event-store";
import type { RepairRecord } from "@trinity/storage/verification-store";
import type { LogCheck } from "@trinity/verification/log-check";
import { z } from "zod";

const tiers = Object.keys(tierMs) as (keyof typeof tierMs)[];

/** What of a repair may be shown to whoever may see health: no key of an entity, no value of a cell, nothing that either held. */
const repairAnswer = z.strictObject({
  at: z.iso.datetime(),
  table: z.enum(["mark", "entity", "index", "cell"]),
  kind: z.string().optional().describe("Of an entity, or of what a line of the index is about."),
  set: z.string().optional().describe("The dimension set of a cell."),
  tier: z.enum(tiers).optional(),
  bucketStart: z.iso.datetime().optional(),
  change: z.enum(["changed", "added", "removed"]).describe("What the repair did."),
});

/** What is known of the numbers: every bucket is one of verified, pending or repaired. */
export const verificationAnswer = z.strictObject({
  buckets: z.int().describe("All cells of a dimension set in a minute, an hour or a day."),
  verified: z.int().describe("Derived again from the log, and the same."),
  pending: z.int().describe("Changed since they were last compared, or found to differ and not set right."),
  repaired: z.int().describe("Once found to differ from the log, set right, and right since."),
  frozen: z.int().describe("How many of them are no longer compared, because their raw events may have gone."),
  frozenBefore: z.iso.datetime().nullable(),
  lastCycleAt: z.iso.datetime().nullable(),
  throughSeq: z.int().nullable().describe("The last commit of the log that the last cycle saw."),
  unsettled: z.int().nullable().describe("What the last cycle found to differ and could not set right."),
  repairs: z.int().describe("Cells, entities and lines of the index ever set right; each is in the audit."),
  lastRepairs: z.array(repairAnswer),
  log: z
    .strictObject({
      throughSeq: z.int().describe("The last commit of the log that was read again, and compared with what is kept beside it."),
      lastPassAt: z.iso.datetime().nullable().describe("When the end of the log was last reached."),
      damaged: z.array(z.string()).describe("What of the log is damaged, and what to do."),
      mended: z.int().describe("Rows beside the log ever set to what the log says."),
    })
    .nullable()
    .describe("The check of the log itself; null before the first."),
});
export type VerificationAnswer = z.infer<typeof verificationAnswer>;

export async function readVerificationAnswer(
  store: Pick<EventStore, "readVerification">,
  logCheck: LogCheck | null,
): Promise<VerificationAnswer> {
  const { frozenBeforeMs, lastCycle, lastRepairs, ...counts } = await store.readVerification();
  return {
    ...counts,
    frozenBefore: frozenBeforeMs === 0 ? null : new Date(frozenBeforeMs).toISOString(),
    lastCycleAt: lastCycle === null ? null : new Date(lastCycle.finishedAtMs).toISOString(),
    throughSeq: lastCycle?.throughSeq ?? null,
    unsettled: lastCycle?.unresolved ?? null,
    lastRepairs: lastRepairs.map(shownRepair),
    log: logCheck === null ? null : shownLogCheck(logCheck),
  };
}

function shownLogCheck({ throughSeq, passEndedAtMs, damaged, mended }: LogCheck): VerificationAnswer["log"] {
  return { throughSeq, lastPassAt: passEndedAtMs === null ? null : new Date(passEndedAtMs).toISOString(), damaged: [...damaged], mended };
}

function shownRepair({ key, atMs, stored, derived }: RepairRecord): VerificationAnswer["lastRepairs"][number] {
  const change = stored === null ? "added" : derived === null ? "removed" : "changed";
  const shown = { at: new Date(atMs).toISOString(), table: key.table, change } as const;
  if (key.table === "mark") return shown;
  if (key.table !== "cell") return { ...shown, kind: key.kind };
  return { ...shown, set: key.set, tier: key.tier, bucketStart: new Date(key.bucketMs).toISOString() };
}
