import { tierMs } from "@trinity/aggregation/bucket";
import type { RetentionQuery } from "@trinity/aggregation/retention";
import type { Counted } from "./question.ts";

type CheckedRange = NonNullable<Counted["checkedRange"]>;

/** The period before as well; as many months may be some days longer, and a week before a day smooths it. */
export const withPrevious: CheckedRange = ({ fromMs, toMs }) => {
  const lengthMs = toMs - fromMs;
  return { fromMs: fromMs - lengthMs - Math.ceil(lengthMs / (28 * tierMs.day)) * 3 * tierMs.day - 8 * tierMs.day, toMs };
};

/** Later steps of a funnel may lie beyond its range. */
export const withWindow: CheckedRange = ({ fromMs, toMs }, { windowMs }, nowMs) => ({
  fromMs,
  toMs: Math.max(toMs, Math.min(toMs + (windowMs as number), nowMs + 1)),
});

const daysMax = { day: 1, week: 7, month: 31 } as const;

/** From the start of the first cohort to the end of the last period that is looked at; up to the present where periods have no end. */
export const withPeriods: CheckedRange = ({ fromMs, toMs }, input, nowMs) => {
  const { cohort, kind, periods } = input as Pick<RetentionQuery, "cohort" | "kind" | "periods">;
  const periodMs = daysMax[cohort] * tierMs.day + tierMs.hour;
  const endMs = kind === "rolling" ? nowMs : Math.min(toMs + (periods + 2) * periodMs, nowMs);
  return { fromMs: fromMs - periodMs, toMs: Math.max(toMs, endMs + 1) };
};
