import { failed, ok, type Result } from "@trinity/runtime/result";
/** Why a request was rejected as a whole. `permanent`: the same bytes will always fail, so the sender must not retry. */
export type OtlpProblem = {
  readonly kind: "malformed" | "too_many_items";
  readonly permanent: true;
  /** Safe to show: names the fault and its place, never what the sender wrote. */
  readonly detail: string;
};

/** The one place a kind becomes HTTP; a new kind without a status does not compile. */
export const httpStatusOf = { malformed: 400, too_many_items: 413 } satisfies Record<OtlpProblem["kind"], number>;

/**
 * How a fault deep inside a request reaches the function that was called with the request, which turns it into a value.
 * It never leaves this package.
 */
export class OtlpDecodeError extends Error {
  readonly problem: OtlpProblem;

  constructor(kind: OtlpProblem["kind"], detail: string) {
    super(detail);
    this.problem = { kind, permanent: true, detail };
  }
}

/** Calls `decode`; an `OtlpDecodeError` becomes a failure, anything else that is thrown is a defect and goes on. */
export function orProblem<Decoded>(decode: () => Decoded): Result<Decoded, OtlpProblem> {
  try {
    return ok(decode());
  } catch (error) {
    if (error instanceof OtlpDecodeError) return failed(error.problem);
    throw error;
  }
}
