import type { Accumulator } from "../accumulator.ts";
import { amountAccumulator, userAccumulator } from "../accumulators.ts";
import { usersOfLifecycle } from "../calculations/lifecycle.ts";
import { minuteOfPeak } from "../calculations/peak.ts";
import { FactFilter } from "../fact-filter.ts";
import type { MeasureOrigin } from "../measure.ts";
import { roomEndComponent } from "../measures/room-measures.ts";
import type { MetricValue } from "../metric-value.ts";
import type { Plan, QueryProblem } from "../plan.ts";
import type { SubQueryPlan } from "../sub-query.ts";
import { FactRows, type FactRowsSettings } from "./fact-rows.ts";
import { OpenRows } from "./open-rows.ts";
import type { RowCollector } from "./row.ts";
import { UserRows, type UserRowsSettings } from "./user-rows.ts";

/** What the rows behind a number can be. A user day is somebody on one of the days that a number adds up. */
export const rowSubjects = ["events", "sessions", "rooms", "users", "userDays", "titles", "ballots", "receipts", "observations"] as const;
export type RowSubject = (typeof rowSubjects)[number];

/** Which of the two counts of a ratio the rows are of. */
export const ratioSides = ["numerator", "denominator"] as const;
export type RatioSide = (typeof ratioSides)[number];

/** How the rows make the number: so many of them, or all their amounts together, are this field of the answer. */
export type RowsMake = {
  readonly field: Extract<keyof MetricValue, "value" | "numerator" | "denominator" | "count">;
  readonly by: "total" | "sum";
};

export type RowsOfNumber = {
  readonly rowsAre: RowSubject;
  readonly make: RowsMake;
  readonly collector: RowCollector;
  /** Of a peak: the minute that has it. */
  readonly minuteOf?: (accumulators: readonly Accumulator[]) => number;
};

/**
 * @param plan of a question without `by`, about its range as one
 * @param side only of a ratio; its denominator where it is `null`
 */
export function rowsOfNumber(plan: Plan, side: RatioSide | null): RowsOfNumber | QueryProblem {
  const { metric, calendar, subQueries } = plan;
  const { calculation } = metric;
  if (side !== null && calculation.kind !== "ratio" && calculation.kind !== "quotient")
    return { path: "part", message: `${metric.name} has no numerator and denominator` };
  const field = side ?? "denominator";
  const subQueryAt = (index: number) => subQueries[index] as SubQueryPlan;
  const ruleOf = (index: number) => new FactFilter(subQueryAt(index), calendar);
  const facts = (index: number, make: RowsMake["field"], settings: Omit<FactRowsSettings, "rule">): RowsOfNumber => ({
    rowsAre: subjectOf(subQueryAt(index).measure.origin),
    make: { field: make, by: "sum" },
    collector: new FactRows({ rule: ruleOf(index), ...settings }),
  });
  const users = (index: number, make: RowsMake["field"], settings: Partial<UserRowsSettings> = {}): RowsOfNumber => ({
    rowsAre: settings.byDay === true ? "userDays" : "users",
    make: { field: make, by: "total" },
    collector: new UserRows({ rule: ruleOf(index), windows: subQueryAt(index).windows, byDay: false, ...settings }),
  });
  switch (calculation.kind) {
    case "count":
      return facts(0, "value", { components: calculation.components });
    case "ratio":
      return facts(0, field, { components: calculation[field] });
    case "distribution":
      return facts(0, "count", { components: [calculation.count], measured: calculation });
    case "satisfaction":
      return facts(0, "count", { components: [roomEndComponent.rooms] });
    case "distinct":
      return users(0, "value");
    case "lifecycle": {
      const among = (accumulators: readonly Accumulator[]) =>
        usersOfLifecycle(calculation, [
          userAccumulator(accumulators, 0),
          userAccumulator(accumulators, 1),
          userAccumulator(accumulators, 2),
        ]);
      return users(calculation.stage === "dormant" ? 1 : 0, "value", { among });
    }
    case "quotient": {
      const index = field === "numerator" ? 0 : 1;
      const { calculation: counted } = calculation[field];
      return counted.kind === "count"
        ? facts(index, field, { components: counted.components })
        : users(index, field, { byDay: calculation.of === "days" });
    }
    case "peak": {
      const minuteOf = (accumulators: readonly Accumulator[]) =>
        minuteOfPeak(plan, [amountAccumulator(accumulators, 0), amountAccumulator(accumulators, 1)]);
      const collector = new OpenRows({ flow: ruleOf(0), balance: ruleOf(1), minuteOf });
      return { rowsAre: "sessions", make: { field: "value", by: "total" }, collector, minuteOf };
    }
  }
}

const subjectOfKind = {
  events: "observations",
  user: "users",
  session: "sessions",
  run: "sessions",
  room: "rooms",
  title: "titles",
  ballot: "ballots",
  observation: "observations",
  stream: "observations",
} as const;

function subjectOf(origin: MeasureOrigin): RowSubject {
  if (origin === "events") return "events";
  if (origin === "chunks") return "receipts";
  const [kind] = origin;
  if (kind === undefined) throw new TypeError("a measure of no kind of entity");
  return subjectOfKind[kind];
}
