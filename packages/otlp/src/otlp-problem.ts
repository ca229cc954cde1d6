import { failed, ok, type Result } from "@trinity/runtime/result";
/** Why a complete request failed. `permanent`: the same bytes will always fail, so the sender must not retry. */
export type OtlpProblem = {
  readonly kind: "malformed" | "too_many_items";
  readonly permanent: true;
  /** Safe to show: names the fault and its path, never a value of the sender. */
  readonly detail: string;
};

/** The HTTP status of each kind; a new kind without a status does not compile. */
export const httpStatusOf = { malformed: 400, too_many_items: 413 } satisfies Record<OtlpProblem["kind"], number>;

/**
 * Carries a fault from deep inside a request to the exported function, which turns it into a value.
 * It never leaves this package.
 */
export class OtlpDecodeError extends Error {
  readonly problem: OtlpProblem;

  constructor(kind: OtlpProblem["kind"], detail: string) {
    super(detail);
    this.problem = { kind, permanent: true, detail };
  }
}

/** Calls `decode`; an `OtlpDecodeError` becomes a failure, anything else is a defect and is thrown on. */
export function orProblem<Decoded>(decode: () => Decoded): Result<Decoded, OtlpProblem> {
  try {
    return ok(decode());
  } catch (error) {
    if (error instanceof OtlpDecodeError) return failed(error.problem);
    throw error;
  }
}
