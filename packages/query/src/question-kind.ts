import type { QueryProblem } from "@trinity/aggregation/plan";
import type { Permission } from "@trinity/auth/role";
import type { Result } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import type { LogCheck } from "@trinity/verification/log-check";
import type { AnswerSource, QueryFailure } from "./answer.ts";
import type { Moment } from "./reads/moment.ts";
import type { CountedQuestion } from "./reads/overflowed-dimensions.ts";

/** What questions are answered from. */
export type QuerySources = {
  readonly store: EventStore;
  /** @returns what the check of the log found; null before the first */
  readonly readLogCheck: () => Promise<LogCheck | null>;
};

/** What the reads of one answer share. */
export type Reader = QuerySources & { readonly moment: Moment };

/** What the reads of a plan found. */
export type Read<Facts> = {
  readonly facts: Facts;
  readonly source: AnswerSource;
  /** Of the snapshot that was read; that of the moment where it is absent. */
  readonly revision?: number;
  /** Where the reads counted overflow beside the numbers. */
  readonly overflowed?: readonly string[];
};

/**
 * One kind of question, as the stages of `query.ts` need it.
 * `plan` and `compute` are pure: equal arguments give equal results. `read` alone touches the store.
 */
export type QuestionKind<Question, Plan, Facts, Data> = {
  /** What the caller must be allowed to do. */
  readonly permission: Permission;
  /** True where answers do not depend on what waits to be folded: they are as of the present. */
  readonly isOfPresent?: true;
  /** @returns what must be read, or what is wrong with the question */
  plan(question: Question, moment: Moment): Result<Plan, QueryProblem>;
  /**
   * @returns `outdated` when the store has moved on and the plan no longer fits: plan again
   * @throws {ScanLimitError}
   */
  read(plan: Plan, reader: Reader): Promise<Read<Facts> | "outdated">;
  compute(plan: Plan, facts: Facts, moment: Moment): Result<Data, QueryFailure>;
  /**
   * What to check for overflow, if `read` does not return `overflowed` itself. A kind with filters, a breakdown or a segment needs one of the two:
   * otherwise the answer does not name limited dimensions whose `other` holds facts.
   */
  counted?(question: Question, moment: Moment): CountedQuestion;
};
