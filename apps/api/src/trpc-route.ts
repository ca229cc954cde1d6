import type { Authenticator } from "@trinity/auth/authenticator";
import { permit } from "@trinity/auth/authorize";
import { loggedError } from "@trinity/http/logged-error";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { problem } from "@trinity/http/problem";
import { detailOf } from "@trinity/http/problem-handling";
import { problemOfError } from "@trinity/http/problem-of-error";
import { problemTypes } from "@trinity/http/problem-type";
import { traceIdOf } from "@trinity/http/trace-id";
import { callTRPCProcedure } from "@trpc/server";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ApiProblem, apiProblemOf, codeOfSlug } from "./api-problem.ts";
import type { Context, Resources } from "./context.ts";
import { sendStream } from "./event-stream.ts";
import type { ListedProcedure } from "./procedure-list.ts";
import { contextOf, problemOfAuth, requireCaller } from "./request-caller.ts";
import { appRouter } from "./router.ts";
import { inTrace } from "./trace-scope.ts";
import { trpcForm } from "./trpc.ts";
import { trpcErrorOf } from "./trpc-error.ts";

/** A comma is a call: 5,000 of them in a URL would make 3 MB of answers. More than a page of tiles asks at once, and 60 KB at most of problems. */
const callsMax = 100;

const jsonType = "application/json; charset=utf-8";

export type TrpcSettings = {
  readonly procedures: readonly ListedProcedure[];
  readonly resources: Resources;
  readonly authenticator: Authenticator;
};

/** Serves the router in tRPC's own protocol below the app's prefix. */
export function installTrpc(app: FastifyInstance, { procedures, resources, authenticator }: TrpcSettings): void {
  const byPath = new Map(procedures.map((procedure) => [procedure.path, procedure]));
  requireCaller(app, authenticator, sendTrpcProblem);
  app.setErrorHandler((error, request, reply) => {
    const { slug } = problemOfError(error, "internal");
    if (slug === "internal") logUnforeseen(request, undefined, error as Error);
    return sendTrpcProblem(request, reply, { slug, ...detailOf(slug, request) });
  });
  // A wildcard, because a parameter of the router is cut at 100 characters, which a batch exceeds.
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const path = (request.params as { readonly "*": string })["*"];
    const context = contextOf(request, reply, resources, authenticator);
    const problem = problemOfBatch(path, request, byPath) ?? problemOfStream(byPath.get(path), request, context);
    if (problem !== null) return sendTrpcProblem(request, reply, problem);
    const values = await inTrace(context.traceId, () => openedStream(byPath.get(path), request, context));
    if (values !== null) return sendStream(reply, values, trpcForm);
    await inTrace(context.traceId, () =>
      fastifyRequestHandler({
        router: appRouter,
        path,
        req: request,
        res: reply,
        createContext: () => context,
        maxBatchSize: callsMax,
        allowMethodOverride: true, // the inputs of a page of tiles are longer than an address may be
        responseMeta: ({ errors, info }) => ({
          // Without it an error that comes before there are calls would be text.
          headers: { ...headersOf(errors.map(apiProblemOf)), ...(info === undefined ? { "content-type": jsonType } : {}) },
        }),
        onError: ({ error, path: procedure }) => logUnforeseen(request, byPath.has(procedure ?? "") ? procedure : undefined, error),
      }),
    );
    return reply;
  };
  app.route({ method: ["GET", "POST"], url: "/*", handler: handle });
  installMethodNotAllowed(app, "/*", (request, reply) => sendTrpcProblem(request, reply, otherMethod));
}

const otherMethod: ApiProblem = { slug: "method-not-allowed", detail: "Ask a query by GET or POST, send a mutation by POST." };

/** What is wrong with a batch as a whole. Anything about one of its calls is answered in the place of the call. */
function problemOfBatch(path: string, request: FastifyRequest, byPath: ReadonlyMap<string, ListedProcedure>): ApiProblem | null {
  if ((request.query as Readonly<Record<string, unknown>>)["batch"] !== "1") return isStreamed(request) ? unbatchedStream : null;
  const names = path.split(",");
  if (names.length > callsMax)
    return { slug: "malformed-request", detail: `A batch takes at most ${callsMax} calls: send the others in further batches.` };
  const types = new Set(names.flatMap((name) => byPath.get(name)?.type ?? []));
  return types.size > 1
    ? { slug: "malformed-request", detail: `A batch takes calls of one kind: these are ${[...types].join(", ")}.` }
    : null;
}

const unbatchedStream: ApiProblem = { slug: "malformed-request", detail: "Answers as application/jsonl are for batches: add batch=1." };

function isStreamed({ headers }: FastifyRequest): boolean {
  return `${headers["trpc-accept"] ?? headers.accept}`.split(",").some((type) => type.trim() === "application/jsonl");
}

/** tRPC answers 200 to a subscription that fails: what can be known before gets its own status here. */
function problemOfStream(
  procedure: ListedProcedure | undefined,
  { method }: FastifyRequest,
  { caller, streams }: ReturnType<typeof contextOf>,
): ApiProblem | null {
  if (procedure?.type !== "subscription") return null;
  // It would open a stream that nobody can read.
  if (method === "HEAD") return otherMethod;
  const permitted = permit(caller, procedure.permission);
  if (!permitted.ok) return problemOfAuth(permitted.error);
  return streams.isFull ? { slug: "too-many-requests", retryAfterS: 5 } : null;
}

/** @returns null for what is no stream, and for one that cannot be opened: tRPC says why */
async function openedStream(
  procedure: ListedProcedure | undefined,
  { method, query, body, headers }: FastifyRequest,
  ctx: Context,
): Promise<AsyncIterable<unknown> | null> {
  if (procedure?.type !== "subscription") return null;
  const { input, batch, lastEventId = headers["last-event-id"] } = query as Readonly<Record<string, string | undefined>>;
  if (batch !== undefined) return null;
  const sent = method === "GET" ? input : (body as string | undefined);
  const getRawInput = async () => {
    const value = sent === undefined ? undefined : JSON.parse(sent);
    return lastEventId === undefined ? value : { ...value, lastEventId };
  };
  const call = { router: appRouter, path: procedure.path, type: procedure.type, getRawInput, ctx, signal: ctx.signal, batchIndex: 0 };
  return (await callTRPCProcedure(call).catch(() => null)) as AsyncIterable<unknown> | null;
}

function headersOf(problems: readonly ApiProblem[]): Record<string, string> {
  const waits = problems
    .filter(({ slug }) => slug === "unavailable" || slug === "too-many-requests")
    .map(({ retryAfterS = 1 }) => retryAfterS);
  return { "cache-control": "no-store", ...(waits.length === 0 ? {} : { "retry-after": String(Math.ceil(Math.max(...waits))) }) };
}

/** A problem found before tRPC reads the request, in the form in which tRPC's clients look for one. */
function sendTrpcProblem(request: FastifyRequest, reply: FastifyReply, apiProblem: ApiProblem): FastifyReply {
  const { slug, detail } = apiProblem;
  const body = problem(slug, { traceId: traceIdOf(request), ...(detail === undefined ? {} : { detail }) });
  if (slug === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="trinity"');
  return reply
    .code(problemTypes[slug].status)
    .headers(headersOf([apiProblem]))
    .type(jsonType)
    .send(JSON.stringify({ error: trpcErrorOf(body, codeOfSlug[slug]) }));
}

function logUnforeseen(request: FastifyRequest, procedure: string | undefined, error: Error): void {
  if (apiProblemOf(error).slug !== "internal") return;
  request.log.error({ traceId: traceIdOf(request), procedure, err: loggedError(error.cause ?? error) }, "procedure failed");
}
