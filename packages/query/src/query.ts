import { SeriesLimitError } from "@trinity/aggregation/accumulator";
import { mayDo, type Permission, type Role } from "@trinity/auth/role";
import { failed, ok, type Result } from "@trinity/runtime/result";
import type { Answer, QueryFailure } from "./answer.ts";
import type { QuestionKind } from "./question-kind.ts";
import { type DataOf, type QuestionName, type QuestionOf, questionKinds } from "./questions.ts";
import { type Moment, readMoment, readMomentWithoutLog } from "./reads/moment.ts";
import { overflowedDimensions } from "./reads/overflowed-dimensions.ts";
import type { QuerySources, Read } from "./reads/reader.ts";
import { ScanLimitError } from "./reads/scan-limit.ts";
import { tooManyPoints } from "./reads/too-many-points.ts";

export type { Moment } from "./reads/moment.ts";
export type { QuerySources } from "./reads/reader.ts";

/** Who asks: a caller with a key, or a process of this product, which may ask for aggregates. */
export type QueryCaller = { readonly role: Role } | { readonly process: "metrics-page" | "worker" };

/** The request that questions came in: the same object for all of them. */
export type AskedIn = {
  /** Names who sent it. Callers take turns where questions wait. */
  readonly caller: string;
};

const processPermissions: ReadonlySet<Permission> = new Set<Permission>(["metrics:read", "health:read"]);

function mayAsk(caller: QueryCaller, permission: Permission): boolean {
  return "role" in caller ? mayDo(caller.role, permission) : processPermissions.has(permission);
}

/** The only way from a question to an answer. */
export type Query = {
  /**
   * @param nowMs the present in Unix milliseconds, read before the call
   * @param signal ends the work when nobody waits for the answer any more
   * @param request absent for one of its own
   * @param planned the moment at which another process planned the question, if one did
   * @throws {StoreUnavailableError} try again
   * @throws {DamagedDataError} wait for a repair
   */
  answer<Name extends QuestionName>(
    question: QuestionOf<Name>,
    caller: QueryCaller,
    nowMs: number,
    signal?: AbortSignal,
    request?: AskedIn,
    planned?: Moment,
  ): Promise<Result<Answer<DataOf<Name>>, QueryFailure>>;
};

/** @param logReader answers heavy questions, such as those that read the log, in place of this process; without it all are answered here */
export function createQuery(sources: QuerySources, logReader?: Query): Query {
  return {
    answer: (question, caller, nowMs, signal, request) =>
      answered({ sources, logReader }, question, caller, nowMs, signal, request).catch((error: unknown) => {
        if (signal?.aborted === true) return failed({ kind: "cancelled" });
        if (error instanceof ScanLimitError) return failed({ kind: "too-much-to-scan" });
        if (error instanceof SeriesLimitError) return failed(tooManyPoints);
        throw error;
      }),
  };
}

type AnyKind<Data> = QuestionKind<unknown, unknown, unknown, Data>;

/** The stages of every answer, in their order. */
async function answered<Name extends QuestionName>(
  { sources, logReader }: { readonly sources: QuerySources; readonly logReader: Query | undefined },
  question: QuestionOf<Name>,
  caller: QueryCaller,
  nowMs: number,
  signal: AbortSignal | undefined,
  request: AskedIn | undefined,
): Promise<Result<Answer<DataOf<Name>>, QueryFailure>> {
  const kind = questionKinds[question.kind] as unknown as AnyKind<DataOf<Name>>;
  // Authorise.
  if (!mayAsk(caller, kind.permission)) return failed({ kind: "forbidden" });
  for (;;) {
    const moment = await (kind.isOfPresent?.(question) ? readMomentWithoutLog : readMoment)(sources.store, nowMs);
    // Plan.
    const plan = kind.plan(question, moment);
    if (!plan.ok) return failed({ kind: "invalid", ...plan.error });
    if (logReader !== undefined && kind.isHeavy?.(plan.value) === true) {
      return logReader.answer(question, caller, nowMs, signal, request, moment);
    }
    // Read.
    const read = await kind.read(plan.value, { ...sources, moment, signal });
    if (read === "outdated") continue;
    // Compute.
    const data = kind.compute(plan.value, read.facts, moment);
    if (!data.ok) return data;
    // Shape.
    const check = kind.overflowCheck?.(question, moment);
    const overflowed = check === undefined ? (read.overflowed ?? []) : await overflowedDimensions({ ...sources, signal }, check, nowMs);
    return ok(shaped(data.value, read, moment, overflowed));
  }
}

function shaped<Data>(data: Data, read: Read<unknown>, { asOfMs, watermark }: Moment, overflowed: readonly string[]): Answer<Data> {
  return {
    data,
    freshness: { asOfMs },
    revision: read.revision ?? watermark.revision,
    source: read.source,
    release: { suppressed: 0 },
    overflowed,
  };
}
