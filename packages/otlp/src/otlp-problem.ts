/** Why a whole request was refused. `permanent`: the same bytes will always fail, so the sender must not retry. */
export type OtlpProblem = {
  readonly kind: "malformed" | "too_many_items";
  readonly permanent: true;
  /** Safe to show: names the fault and where it lies, never what the sender wrote. */
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

/** Calls `decode`; a refused request becomes a value, anything else that is thrown is a defect and goes on. */
export function orProblem<Answer>(decode: () => Answer): Answer | { readonly problem: OtlpProblem } {
  try {
    return decode();
  } catch (error) {
    if (error instanceof OtlpDecodeError) return { problem: error.problem };
    throw error;
  }
}
