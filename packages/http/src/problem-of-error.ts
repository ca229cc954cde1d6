import type { InputError } from "./problem.ts";
import { type ProblemSlug, problemTypes } from "./problem-type.ts";

export type ErrorVerdict = {
  readonly slug: ProblemSlug;
  readonly errors?: readonly InputError[];
  readonly retryAfterS?: number;
};

const slugByStatus = new Map<number, ProblemSlug>(Object.entries(problemTypes).map(([slug, { status }]) => [status, slug as ProblemSlug]));
slugByStatus.set(400, "malformed-request"); // two slugs have 400; Fastify's own 400s are about bytes

/**
 * The problem of a thrown value. Only the status, and `retryAfterS`, of errors with a 4xx or 503 status is trusted, never their
 * message: Fastify's own repeat values of the sender.
 * @param unexpected the problem of everything else
 */
export function problemOfError(error: unknown, unexpected: "internal" | "unavailable"): ErrorVerdict {
  const { statusCode, validation, retryAfterS } = fieldsOf(error);
  const wait = typeof retryAfterS === "number" ? { retryAfterS } : {};
  if (Array.isArray(validation)) return { slug: "invalid-input", errors: validation.map(inputErrorOf) };
  if (typeof statusCode !== "number") return { slug: unexpected };
  if (statusCode === 503) return { slug: "unavailable", ...wait };
  if (statusCode < 400 || statusCode > 499) return { slug: unexpected };
  return { slug: slugByStatus.get(statusCode) ?? "malformed-request", ...wait };
}

/** Ajv's messages name the rule and the schema's own words, not the value. */
function inputErrorOf(error: unknown): InputError {
  const { instancePath, message } = fieldsOf(error);
  return { path: typeof instancePath === "string" ? instancePath : "", message: typeof message === "string" ? message : "is not valid" };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
