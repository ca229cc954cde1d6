import type { DimensionName } from "../dimension.ts";
import { contextNames } from "../event-dimensions.ts";

/** One dimension set for each dimension of the context. */
export const contextSets: readonly (readonly DimensionName[])[] = contextNames.map((name) => [name]);
