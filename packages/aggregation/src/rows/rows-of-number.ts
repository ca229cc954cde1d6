import type { Accumulator } from "../accumulator.ts";
import { AccumulatorsByName } from "../accumulators.ts";
import type { Components } from "../calculations/components.ts";
import { entityDeclaration } from "../entity-kind.ts";
import { FactFilter } from "../fact-filter.ts";
import type { CountedKind, MeasureOrigin } from "../measure.ts";
import type { MetricValue } from "../metric-value.ts";
import type { PlannedQuery } from "../resolved-query.ts";
import type { SubQueryPlan } from "../sub-query.ts";
import type { UserSet } from "../user-set.ts";
import { FactRows, type FactRowsSettings } from "./fact-rows.ts";
import { OpenRows } from "./open-rows.ts";
import type { RowCollector } from "./row.ts";
import type { RowSubject } from "./row-subject.ts";
import { UserRows } from "./user-rows.ts";

/** The count of a ratio that the rows make. */
export const ratioSides = ["numerator", "denominator"] as const;
export type RatioSide = (typeof ratioSides)[number];

/** How the rows make the number: this field of the answer is the number of rows, or the sum of their amounts. */
export type RowsMake = {
  readonly field: Extract<keyof MetricValue, "value" | "numerator" | "denominator" | "count">;
  readonly by: "total" | "sum";
};

export type RowsOfNumber = {
  readonly rowsAre: RowSubject;
  readonly make: RowsMake;
  readonly collector: RowCollector;
  /** Where each fact of a sub-query is a row: its name, and the components of which a fact must have one. */
  readonly facts?: { readonly subQuery: string; readonly components: Components };
  /** Of a peak: its first minute. */
  readonly minuteOf?: (accumulators: readonly Accumulator[]) => number;
};

/** @returns each fact that a sub-query counts */
export function factRows(
  plan: PlannedQuery,
  name: string,
  make: RowsMake["field"],
  settings: Omit<FactRowsSettings, "filter">,
): RowsOfNumber {
  const subQuery = subQueryOf(plan, name);
  return {
    rowsAre: subjectOf(subQuery.measure.origin),
    make: { field: make, by: "sum" },
    collector: new FactRows({ filter: new FactFilter(subQuery, plan.calendar), ...settings }),
    facts: { subQuery: name, components: settings.components },
  };
}

/**
 * @param byDay whether a user is a row for each window of the sub-query, each of them a day
 * @param only the users that make the number; all if it is absent
 * @returns each user that a sub-query counts
 */
export function userRows(
  plan: PlannedQuery,
  name: string,
  make: RowsMake["field"],
  { byDay = false, only }: { readonly byDay?: boolean; readonly only?: (sums: AccumulatorsByName) => UserSet },
): RowsOfNumber {
  const subQuery = subQueryOf(plan, name);
  const settings = { filter: new FactFilter(subQuery, plan.calendar), windows: subQuery.windows, byDay };
  const onlyUsers = only && { onlyUsers: (accumulators: readonly Accumulator[]) => only(new AccumulatorsByName(accumulators)) };
  return {
    rowsAre: byDay ? "userDays" : "users",
    make: { field: make, by: "total" },
    collector: new UserRows({ ...settings, ...onlyUsers }),
  };
}

/** @returns each fact that is open in the minute of the peak */
export function openRows(
  plan: PlannedQuery,
  names: { readonly flow: string; readonly balance: string },
  minuteOfPeak: (sums: AccumulatorsByName) => number,
): RowsOfNumber {
  const minuteOf = (accumulators: readonly Accumulator[]) => minuteOfPeak(new AccumulatorsByName(accumulators));
  const filterOf = (name: string) => new FactFilter(subQueryOf(plan, name), plan.calendar);
  const collector = new OpenRows({ flow: filterOf(names.flow), balance: filterOf(names.balance), minuteOf });
  return { rowsAre: "sessions", make: { field: "value", by: "total" }, collector, minuteOf };
}

function subQueryOf({ subQueries }: PlannedQuery, name: string): SubQueryPlan {
  return subQueries.find((subQuery) => subQuery.name === name) as SubQueryPlan;
}

function subjectOf(origin: MeasureOrigin): RowSubject {
  if (origin === "events") return "events";
  if (origin === "chunks") return "receipts";
  const [kind] = (origin as readonly ("events" | CountedKind)[]).filter((one) => one !== "events");
  const rowsAre = kind === undefined ? null : entityDeclaration(kind).rowsAre;
  if (rowsAre === null) throw new TypeError("a measure of no kind of entity");
  return rowsAre;
}
