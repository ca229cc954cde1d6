import type { QueryFailure } from "../answer.ts";

/** One answer may have so many points: some 100 MB of JSON. */
export const pointsMax = 1_000_000;

/** Found while it is counted: as soon as there are more series than fit. */
export const tooManyPoints: QueryFailure = {
  kind: "invalid",
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};
