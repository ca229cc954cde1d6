import type { DimensionName } from "../dimension.ts";
import { circumstanceNames } from "../event-dimensions.ts";

/** Every circumstance of a person alone: who is counted in what people do can be told apart by each. */
export const circumstanceSets: readonly (readonly DimensionName[])[] = circumstanceNames.map((name) => [name]);
