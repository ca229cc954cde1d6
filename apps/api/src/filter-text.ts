import { type DimensionName, dimensionNames } from "@trinity/aggregation/dimension";
import { valueProblem } from "@trinity/aggregation/dimension-value";
import type { Filter } from "@trinity/aggregation/metric-query";
import { quotedValue, quotedValueRule, unquoted } from "@trinity/aggregation/quoted-value";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";

const filterCharsMax = 2_000;
const valuesMax = 50;

/** Filters as they are written: `dimension:value[,value]`, with `!` in front to exclude. Values are compared as they stand. */
export const filterTexts = z
  .array(z.string().max(filterCharsMax))
  .max(10)
  .describe(
    `\`dimension:value[,value]\`; \`!\` in front excludes. Repeat the parameter for further filters; all of them must hold. ${quotedValueRule}`,
  );

export type FilterProblem = { readonly path: string; readonly message: string };

type WrittenFilter = { readonly dimension: DimensionName; readonly values: string[]; readonly negated: boolean };

/**
 * Reads filters. Several may stand in one text, separated by commas: a part that begins with the name of a dimension and a colon begins
 * the next filter, every other part is one more value (`contentId:movie:862,tv:1399,platform:ios` are two filters). A value in double
 * quotes is taken as it stands between them, `""` for a quote. Without quotes it has no blanks around it and no quote in it: that would be a
 * slip, such as a blank before the quotes, and match nothing.
 */
export function parseFilters(texts: readonly string[]): Result<readonly Filter[], FilterProblem> {
  const filters: WrittenFilter[] = [];
  for (const [index, text] of texts.entries()) {
    const read = filtersOf(text);
    const message = typeof read === "string" ? read : problemOf(read);
    if (message !== null) return failed({ path: `filter.${index}`, message });
    filters.push(...(read as readonly WrittenFilter[]));
  }
  return ok(filters);
}

/** @returns what is wrong, and at which character, where the text cannot be read */
function filtersOf(text: string): readonly WrittenFilter[] | string {
  const filters: WrittenFilter[] = [];
  for (let at = 0; at <= text.length; ) {
    const [begun, excludes, name] = matchAt(filterBegin, text, at) ?? [""];
    if (name !== undefined) filters.push({ dimension: name as DimensionName, values: [], negated: excludes === "!" });
    const last = filters.at(-1);
    if (last === undefined) return "must begin with the name of a dimension and a colon";
    const valueAt = at + begun.length;
    const found = matchAt(valueWritten, text, valueAt);
    const problem = found === null ? unclosed : found[2] === undefined ? null : slipIn(found[2], name === undefined);
    if (found === null || problem !== null) return `${problem} (at character ${valueAt + 1})`;
    const [written, quoted, plain] = found;
    last.values.push(quoted === undefined ? (plain as string) : unquoted(quoted));
    at = valueAt + written.length + 1;
  }
  return filters;
}

const unclosed = "must close its quotes, with a comma or the end behind them: a quote inside is written twice";

/** @returns what is wrong with a value without quotes */
function slipIn(plain: string, mayBeName: boolean): string | null {
  if (plain === "") return "must name a value after each colon and comma: an empty one is written as two quotes";
  if (plain !== plain.trim()) return "must have no blanks around a value: one with blanks of its own stands in double quotes";
  if (plain.includes('"')) return "must have a value with a quote in it in double quotes, and the quote inside written twice";
  const [, name] = (mayBeName && nearlyName.exec(plain)) || [];
  return name === undefined ? null : "must name a dimension as the catalogue does, or have a value that begins like one in double quotes";
}

const filterBegin = new RegExp(`(!?)(${dimensionNames.join("|")}):`, "y");
const nearlyName = new RegExp(`^!?\\s*(${dimensionNames.join("|")})\\s*:`, "i");
const valueWritten = new RegExp(`(?:${quotedValue}|((?!")[^,]*))(?=,|$)`, "y");

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function problemOf(filters: readonly WrittenFilter[]): string | null {
  if (filters.some(({ values }) => values.length > valuesMax)) return `must name 1 to ${valuesMax} values`;
  return filters.flatMap(({ dimension, values }) => values.flatMap((value) => valueProblem(dimension, value) ?? []))[0] ?? null;
}
