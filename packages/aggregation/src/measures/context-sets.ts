import type { DimensionName } from "../dimension.ts";
import { contextNames } from "../event-dimensions.ts";

/** Each dimension of an event's context alone: what people do can be broken down by each. */
export const contextSets: readonly (readonly DimensionName[])[] = contextNames.map((name) => [name]);
