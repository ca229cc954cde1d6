import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { QueryCaller } from "@trinity/query/query";
import type { QuestionName, QuestionOf } from "@trinity/query/questions";
import type { Result } from "@trinity/runtime/result";

/** What the API and its log reader send each other. */

export type ReaderRequest =
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly question: QuestionOf<QuestionName>;
      readonly caller: QueryCaller;
      readonly nowMs: number;
    }
  /** Nobody waits for the answer any more. */
  | { readonly kind: "cancel"; readonly id: number };

export type ReaderReply =
  /** Its data are those of the kind of question. */
  | { readonly id: number; readonly result: Result<Answer<never>, QueryFailure> }
  | { readonly id: number; readonly thrown: ThrownError }
  /** For the log of the API. */
  | { readonly trouble: string };

/** An error, as far as another process needs to know it. */
export type ThrownError = { readonly type: "unavailable" | "damaged" | "unforeseen"; readonly message: string; readonly stack?: string };
