import { failed, ok, type Result } from "@trinity/runtime/result";
import type { Plan, QueryProblem } from "../plan.ts";
import type { RatioSide, RowsOfNumber } from "./rows-of-number.ts";

/**
 * @param plan of a query without `by`, with its range as the only bucket
 * @param side only of a ratio, whose denominator is the default
 */
export function rowsOfPlan(plan: Plan, side: RatioSide | null): Result<RowsOfNumber, QueryProblem> {
  const { name, calculation } = plan.metric;
  if (side !== null && calculation.emptyValue.numerator === undefined)
    return failed({ path: "part", message: `${name} has no numerator and denominator` });
  return ok(calculation.rows(plan, side ?? "denominator"));
}
