import { defineMeasure } from "../measure.ts";

/** Users by their first event ever. */
export const newUserMeasure = defineMeasure(
  "new_user",
  ["user"],
  [["platform"], ["deviceType"], ["locale"], ["appVersion"], ["source"], ["ageBand"]],
);

/** Titles by the first event about them. */
export const titleDiscoveryMeasure = defineMeasure("title_discovery", ["title"], [["genre"], ["mediaType"], ["releaseDecade"]]);
