/** What a call returns that can fail for a reason its caller must handle: the value, or why there is none. Faults of the process are thrown. */
export type Result<Value, Failure> = Ok<Value> | Failed<Failure>;
export type Ok<Value> = { readonly ok: true; readonly value: Value };
export type Failed<Failure> = { readonly ok: false; readonly error: Failure };

export function ok<Value>(value: Value): Ok<Value> {
  return { ok: true, value };
}

export function failed<Failure>(error: Failure): Failed<Failure> {
  return { ok: false, error };
}

/** For a failure that cannot happen here. @throws {Error} that names it */
export function unwrap<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(`unexpected failure: ${JSON.stringify(result.error)}`);
}
