import { permit } from "@trinity/auth/authorize";
import type { Permission } from "@trinity/auth/role";
import { problem } from "@trinity/http/problem";
import { initTRPC, TRPCError } from "@trpc/server";
import type { z } from "zod";
import { apiError, apiProblemOf } from "./api-problem.ts";
import type { Context } from "./context.ts";
import { pingEveryMs, type StreamForm } from "./event-stream.ts";
import { problemOfAuth } from "./request-caller.ts";
import { currentTraceId } from "./trace-scope.ts";

/** What a procedure declares beside its code; router, REST and OpenAPI are derived from it. */
export type ProcedureMeta = {
  readonly permission: Permission;
  /** `path` is below `/api/v1`, with `{name}` for what the input takes from it. */
  readonly rest: {
    readonly method: "GET" | "POST" | "DELETE";
    readonly path: `/${string}`;
    /** Further paths that answer the same: names that callers already use. */
    readonly aliases?: readonly `/${string}`[];
  };
  readonly summary: string;
  /** What it answers with; for a subscription, the data of one event. */
  readonly answer: z.ZodType;
  /** Renders an answer as lines of CSV, where REST gives it in that form too. @param input as it was sent */
  readonly csv?: (answer: unknown, input: unknown) => Iterable<string>;
};

const sseClient = { reconnectAfterInactivityMs: 3 * pingEveryMs };

/** Live streams as tRPC's client expects them. tRPC's own producer takes 0.2 ms for each event and reader, and keeps far more for one that does not read. */
export const trpcForm: StreamForm = {
  head: `event: connected\ndata: ${JSON.stringify(sseClient)}\n\n`,
  ping: "event: ping\ndata: \n\n",
};

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false, // a stack is for the log, whatever NODE_ENV says
    sse: { ping: { enabled: true, intervalMs: pingEveryMs }, client: sseClient },
    errorFormatter({ shape, error, ctx }) {
      const { slug, detail, errors } = apiProblemOf(error);
      const traceId = ctx?.traceId ?? currentTraceId();
      const body = problem(slug, { traceId, ...(detail === undefined ? {} : { detail }), ...(errors === undefined ? {} : { errors }) });
      // tRPC's own message and path repeat what was sent.
      return { message: body.detail, code: shape.code, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, problem: body } };
    },
  });

export const router = t.router;

/** The one way to declare a procedure: what it allows is checked before it reads its input. */
export function procedure(meta: ProcedureMeta) {
  return t.procedure.meta(meta).use(async ({ ctx, meta: declared, next }) => {
    if (declared === undefined) throw apiError({ slug: "forbidden" });
    const permitted = permit(ctx.caller, declared.permission);
    if (!permitted.ok) throw apiError(problemOfAuth(permitted.error));
    const result = await next();
    if (!result.ok && result.error instanceof TRPCError) rethrowExpected(result.error);
    return result;
  });
}

/** tRPC makes whatever a resolver throws an internal error: those that we foresee get their own code. */
function rethrowExpected(error: TRPCError): void {
  if (error.code !== "INTERNAL_SERVER_ERROR") return;
  const problem = apiProblemOf(error);
  if (problem.slug !== "internal") throw apiError(problem);
}
