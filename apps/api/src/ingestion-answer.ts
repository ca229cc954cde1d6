import { z } from "zod";
import { freshnessFields } from "./metric-answer.ts";

const counts = {
  received: z.int(),
  stored: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  quarantined: z.int(),
  erased: z.int(),
  expired: z.int(),
};

/** What became of everything that was ever received: `received` is the sum of the others, in all and for each source. */
export const ingestionAnswer = z.strictObject({
  ...counts,
  rejectedByReason: z.record(z.string(), z.int()),
  bySource: z.array(z.strictObject({ source: z.string(), ...counts })),
  ...freshnessFields,
});
