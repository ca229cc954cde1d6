import { defineMeasure } from "../measure.ts";
import { contextSets } from "./context-sets.ts";

/** Users by their first event ever: one component for each user. */
export const newUserMeasure = defineMeasure("new_user", ["user"], [...contextSets, ["favouriteGenre"]], {
  perUser: true,
  components: "users",
});

/** Titles by the first event about them. */
export const titleDiscoveryMeasure = defineMeasure("title_discovery", ["title"], [["genre"], ["mediaType"], ["releaseDecade"]]);
