import type { Problem } from "@trinity/http/problem";
import type { TRPCError } from "@trpc/server";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { codeOfSlug } from "./api-problem.ts";

/** An error as every client of tRPC reads it. */
export type TrpcErrorShape = {
  readonly message: string;
  readonly code: number;
  readonly data: { readonly code: TRPCError["code"]; readonly httpStatus: number; readonly problem: Problem };
};

/** @param body of a refusal that tRPC did not make itself */
export function trpcErrorOf(body: Problem, code: TRPCError["code"]): TrpcErrorShape {
  return { message: body.detail, code: TRPC_ERROR_CODES_BY_KEY[code], data: { code, httpStatus: body.status, problem: body } };
}

/**
 * A refusal before the address of a request is known, as problem details (RFC 9457) with one more member, `error`: in it a client of
 * tRPC finds what it looks for.
 */
export function forBothSurfaces(body: Problem): Problem {
  const slug = body.type.slice(body.type.lastIndexOf("/") + 1) as keyof typeof codeOfSlug;
  return Object.assign(body, { error: trpcErrorOf({ ...body }, codeOfSlug[slug]) });
}
