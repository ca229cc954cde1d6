import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { AskedIn, Query, QueryCaller } from "@trinity/query/query";
import type { DataOf, QuestionName, QuestionOf } from "@trinity/query/questions";
import type { Clock } from "@trinity/runtime/clock";
import { type ApiProblem, apiError } from "./api-problem.ts";
import { addToBatch } from "./batch-size.ts";

/** Who asks, of what, and when. */
export type Asker = {
  readonly query: Query;
  readonly caller: QueryCaller;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly request?: AskedIn;
};

/**
 * Asks the one door, as the caller of the procedure.
 * @throws {TRPCError} when there is no answer
 */
export async function ask<Name extends QuestionName>(
  { query, caller, clock, signal, request }: Asker,
  question: QuestionOf<Name>,
): Promise<Answer<DataOf<Name>>> {
  const result = await query.answer(question, caller, clock.nowMs(), signal, request);
  if (!result.ok) throw apiError(problemOfFailure(result.error));
  if (request !== undefined) addToBatch(request, result.value.data);
  return result.value;
}

function problemOfFailure(failure: QueryFailure): ApiProblem {
  switch (failure.kind) {
    case "forbidden":
      return { slug: "forbidden" };
    case "invalid":
      return { slug: "invalid-input", errors: [{ path: failure.path, message: failure.message }] };
    case "not-found":
      return { slug: "not-found", detail: failure.message };
    case "cancelled":
      return { slug: "unavailable" };
    case "too-much-to-scan":
      return { slug: "unprocessable", detail: tooMuchToScan };
  }
}

const tooMuchToScan =
  "No rollup answers this question, and computing it from the log would read too many events. Narrow the range, or use fewer dimensions.";

/** What every answer says of itself. */
export type AnswerNotes = { readonly asOf: string; readonly revision: number; readonly overflowed?: readonly string[] };

/** @returns the data as it is sent, with what every answer says of itself behind it */
export function shown<Data extends object>(answer: Answer<Data>): Data & AnswerNotes {
  return { ...answer.data, ...freshnessOf(answer), ...overflowOf(answer) };
}

export function freshnessOf({ freshness, revision }: Answer<unknown>): Pick<AnswerNotes, "asOf" | "revision"> {
  return { asOf: new Date(freshness.asOfMs).toISOString(), revision };
}

/** @returns nothing where no dimension overflowed */
export function overflowOf({ overflowed }: Pick<Answer<unknown>, "overflowed">): Pick<AnswerNotes, "overflowed"> {
  return overflowed.length === 0 ? {} : { overflowed };
}
