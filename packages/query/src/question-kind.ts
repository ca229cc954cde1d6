import type { QueryProblem } from "@trinity/aggregation/plan";
import type { Permission } from "@trinity/auth/role";
import type { Result } from "@trinity/runtime/result";
import type { QueryFailure } from "./answer.ts";
import type { Moment } from "./reads/moment.ts";
import type { CountedQuestion } from "./reads/overflowed-dimensions.ts";
import type { Read, Reader } from "./reads/reader.ts";

/**
 * One kind of question, as the stages of `query.ts` need it.
 * `plan` and `compute` are pure: equal arguments give equal results. `read` alone touches the store. What it computes to choose its next
 * reads is part of the facts, so that nothing is computed twice.
 */
export type QuestionKind<Question, Plan, Facts, Data> = {
  /** What the caller must be allowed to do. */
  readonly permission: Permission;
  /**
   * Whether the answer is of the store as it is at present: nothing that waits to be folded is read for it, so damage there does not matter.
   * Absent is no.
   */
  isOfPresent?(question: Question): boolean;
  /** @returns what must be read, or what is wrong with the question */
  plan(question: Question, moment: Moment): Result<Plan, QueryProblem>;
  /** Whether the answer may take long: the plan reads the log, all entities of a kind, or cells of very many values. Absent is no. */
  isHeavy?(plan: Plan): boolean;
  /**
   * From when on the present makes no difference: with an `asOfMs` of then or later, one revision gives the same data. In Unix milliseconds.
   * Absent where the data may change with the present alone. Only what is heavy needs it.
   */
  settledAtMs?(question: Question): number;
  /**
   * @returns `outdated` when the store has moved on and the plan no longer fits: plan again
   * @throws {ScanLimitError}
   */
  read(plan: Plan, reader: Reader): Promise<Read<Facts> | "outdated">;
  compute(plan: Plan, facts: Facts, moment: Moment): Result<Data, QueryFailure>;
  /**
   * What to check for dimensions that overflowed. Null where `read` returns `overflowed` itself, and where the question takes no filters, breakdown
   * or segment.
   */
  readonly overflowCheck: ((question: Question, moment: Moment) => CountedQuestion) | null;
};
