import type { QueryFailure } from "../answer.ts";

/** One answer may have so many points: some 10 MB of JSON, which a process writes as one text in less than a tenth of a second. */
export const pointsMax = 100_000;

/** Found while it is counted: as soon as there are more series than fit. */
export const tooManyPoints: QueryFailure = {
  kind: "invalid",
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};
