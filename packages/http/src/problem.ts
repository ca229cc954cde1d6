import { type ProblemSlug, problemTypes } from "./problem-type.ts";

/** One error in the input; neither field repeats a value that was sent. */
export type InputError = {
  /** A JSON pointer or a parameter's name. */
  readonly path: string;
  readonly message: string;
};

/** RFC 9457 problem details (`application/problem+json`). */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `urn:trace:<32 hex>`: the trace of the request. */
  readonly instance: string;
  readonly errors?: readonly InputError[];
  /** How many further errors there are beyond those listed. */
  readonly errorsLeftOff?: number;
};

export type ProblemDetails = {
  /** For the caller: what to change. Never the value that was sent, a path on our disk or a statement. */
  readonly detail?: string;
  readonly traceId: string;
  readonly errors?: readonly InputError[];
};

export const problemContentType = "application/problem+json; charset=utf-8";

// 20 errors of this length stay under 64 KiB even when JSON escapes every character (6 bytes each).
const errorsMax = 20;
const pathCharsMax = 128;
const messageCharsMax = 256;
const detailCharsMax = 512;

/** Builds the body of a problem; its size is bounded. Title and status come from the slug. */
export function problem(slug: ProblemSlug, { detail, traceId, errors }: ProblemDetails): Problem {
  const { title, status, meaning } = problemTypes[slug];
  const body = {
    type: `/problems/${slug}`,
    title,
    status,
    detail: (detail ?? meaning).slice(0, detailCharsMax),
    instance: `urn:trace:${traceId}`,
  };
  if (errors === undefined) return body;
  const listed = errors.slice(0, errorsMax).map(({ path, message }) => ({
    path: path.slice(0, pathCharsMax),
    message: message.slice(0, messageCharsMax),
  }));
  return errors.length > errorsMax ? { ...body, errors: listed, errorsLeftOff: errors.length - errorsMax } : { ...body, errors: listed };
}
