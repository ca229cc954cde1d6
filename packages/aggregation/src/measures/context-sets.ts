import type { DimensionName } from "../dimension.ts";
import { contextNames } from "../event-dimensions.ts";

/** Every circumstance of a person alone: who is counted in what people do can be told apart by each. */
export const contextSets: readonly (readonly DimensionName[])[] = contextNames.map((name) => [name]);
