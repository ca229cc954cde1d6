import { defineMeasure } from "../measure.ts";

/** Users by their first event ever: one component a user, so that the cells also say who they are. */
export const newUserMeasure = defineMeasure(
  "new_user",
  ["user"],
  [["platform"], ["deviceType"], ["locale"], ["appVersion"], ["source"], ["ageBand"], ["favouriteGenre"]],
  { byUser: true },
);

/** Titles by the first event about them. */
export const titleDiscoveryMeasure = defineMeasure("title_discovery", ["title"], [["genre"], ["mediaType"], ["releaseDecade"]]);
