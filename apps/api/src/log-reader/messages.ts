import type { QueryCaller } from "@trinity/query/query";
import type { QuestionName, QuestionOf } from "@trinity/query/questions";

/** What the API and its log reader send each other. */

export type ReaderRequest = { readonly question: QuestionOf<QuestionName>; readonly caller: QueryCaller; readonly nowMs: number };

/** The parts of an answer, a `Result<Answer, QueryFailure>`, come before the reply, which then says nothing more. */
export type ReaderReply = { readonly thrown: ThrownError } | null;

/** An error, as far as another process needs to know it. */
export type ThrownError = { readonly type: "unavailable" | "damaged" | "unforeseen"; readonly message: string; readonly stack?: string };
