import { histogramRelativeError } from "@trinity/aggregation/histogram";

const logGamma = Math.log((1 + histogramRelativeError) / (1 - histogramRelativeError));

/**
 * The bin of a value, as `binOf` has it. Its logarithm and that of SQL may differ in the last digit: a test compares the values at all edges.
 */
export function binSql(value: string): string {
  return `if(${value} < 1, 0, ceil(ln(${value}) / ${logGamma} - 1e-9) + 1)::INTEGER`;
}
