import { type DimensionName, dimensionNames } from "@trinity/aggregation/dimension";
import type { Filter } from "@trinity/aggregation/metric-query";
import { z } from "zod";

const filterCharsMax = 2_000;
const valuesMax = 50;

/** Filters as they are written: `dimension:value[,value]`, with `!` in front to exclude. Values are compared as they stand. */
export const filterTexts = z
  .array(z.string().max(filterCharsMax))
  .max(10)
  .describe("`dimension:value[,value]`; `!` in front excludes. Repeat the parameter for further filters; all of them must hold.");

export type FilterProblem = { readonly path: string; readonly message: string };

/**
 * Reads filters. Several may stand in one text, separated by commas: a part that begins with the name of a dimension and a colon begins
 * the next filter, every other part is one more value (`contentId:movie:862,tv:1399,platform:ios` are two filters).
 */
export function parseFilters(texts: readonly string[]): readonly Filter[] | FilterProblem {
  const filters: { dimension: DimensionName; values: string[]; negated: boolean }[] = [];
  for (const [index, text] of texts.entries()) {
    const path = `filter.${index}`;
    const before = filters.length;
    for (const part of text.split(",")) {
      const begun = beginOf(part);
      if (begun !== null) filters.push(begun);
      else if (filters.length === before) return { path, message: "must begin with the name of a dimension and a colon" };
      else filters.at(-1)?.values.push(part);
    }
    const empty = filters.slice(before).find(({ values }) => values.includes("") || values.length > valuesMax);
    if (empty !== undefined) return { path, message: `must name 1 to ${valuesMax} values, none of them empty` };
  }
  return filters;
}

function beginOf(part: string): { dimension: DimensionName; values: string[]; negated: boolean } | null {
  const negated = part.startsWith("!");
  const colon = part.indexOf(":");
  const name = part.slice(negated ? 1 : 0, Math.max(0, colon));
  const dimension = dimensionNames.find((known) => known === name);
  return dimension === undefined ? null : { dimension, values: [part.slice(colon + 1)], negated };
}
