/** The loggable fields of a thrown value: its message may contain ids, statements or values of the sender. */
export type LoggedError = {
  readonly name: string;
  readonly code: string | null;
  /** The text that the error declares safe to show; null without one. */
  readonly reason: string | null;
  /** The call sites, innermost first. */
  readonly frames: readonly string[];
};

const framesMax = 20;

export function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, code: null, reason: null, frames: [] };
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  const frames = (error.stack ?? "").split("\n").map((line) => line.trim());
  return {
    name: error.name,
    code: typeof code === "string" ? code : null,
    reason: typeof reason === "string" ? reason : null,
    frames: frames.filter((line) => /^at .+:\d+:\d+\)?$/.test(line)).slice(0, framesMax),
  };
}
