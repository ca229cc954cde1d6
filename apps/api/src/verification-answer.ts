import { tierMs } from "@trinity/aggregation/bucket";
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
  verified: z.int().describe("Derived again from the log, and the same: by a second fold and, where the log is kept as columns, by SQL."),
  pending: z.int().describe("Changed since they were last compared, or found to differ and not set right."),
  repaired: z.int().describe("Once found to differ from the log, set right, and right since."),
  frozen: z.int().describe("How many of them are no longer compared, because their raw events may have gone."),
  frozenBefore: z.iso.datetime().nullable(),
  lastCycleAt: z.iso.datetime().nullable(),
  throughSeq: z.int().nullable().describe("The last commit of the log that the last cycle saw."),
  unsettled: z.int().nullable().describe("What the last cycle found to differ and could not set right."),
  unsettledBuckets: z
    .array(z.strictObject({ metrics: z.array(z.string()), set: z.string(), tier: z.enum(tiers), bucketStart: z.iso.datetime() }))
    .describe("The buckets of these, twenty at most, and the metrics that read them."),
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
