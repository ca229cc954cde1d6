import type { PathStep, StepLabel } from "@trinity/aggregation/path";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { kindsMax, timedKinds } from "./timed-kinds.ts";

/** Packs a step into one number. Numbers ascend in order of time, then of order numbers. */
export type PackedSteps = {
  /** @param label an integer expression: the index of the label of an event */
  sql(label: string): string;
  atMsOf(packed: number): number;
  /** The step. Order numbers that are too great to be told apart are one `order`. */
  unpack(packed: number, step: MutableStep): void;
};

export type MutableStep = { -readonly [Field in keyof PathStep]: PathStep[Field] };

/** @returns null where the numbers would be too great for JavaScript to divide exactly */
export function packedSteps(range: TimeRange, labels: readonly StepLabel[]): PackedSteps | null {
  const orders = Math.max(1, Math.floor(kindsMax(range) / labels.length));
  const timed = timedKinds(range, orders * labels.length);
  if (timed === null) return null;
  const { atMsOf, kindOf } = timed;
  return {
    sql: (label) => timed.sql(`(least(orderNumber, ${orders - 1}) * ${labels.length} + ${label})`),
    atMsOf,
    unpack(packed, step) {
      const kind = kindOf(packed);
      step.atMs = atMsOf(packed);
      step.order = Math.floor(kind / labels.length);
      step.label = labels[kind - step.order * labels.length] as StepLabel;
    },
  };
}
