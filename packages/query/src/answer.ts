/** What every answer says beside its data, whatever was asked. */
export type Answer<Data> = {
  readonly data: Data;
  readonly freshness: Freshness;
  /** Rises with every fold: equal revisions mean equal answers, but for what counts up to the present. */
  readonly revision: number;
  /** Where the numbers were read: rollups, or anything that had to be scanned. */
  readonly source: AnswerSource;
  readonly release: Release;
  /** Limited dimensions of the question of which `other` holds facts, in order. Empty where the answer is exact. */
  readonly overflowed: readonly string[];
};

/**
 * Everything acknowledged before `asOfMs` (Unix milliseconds) is in the answer. For a kind that answers of the store as it is at present, it is
 * the present, whatever waits to be folded.
 */
type Freshness = { readonly asOfMs: number };

export type AnswerSource = "rollups" | "entities" | "log";

/** What was withheld on the way out. */
type Release = {
  /** How many groups are left out because they are too small to be shown. */
  readonly suppressed: number;
};

/** Why there is no answer. Asking again helps only where the data changes. */
export type QueryFailure =
  /** The caller may not ask this. */
  | { readonly kind: "forbidden" }
  /** A part of the question is wrong: `path` names it. */
  | { readonly kind: "invalid"; readonly path: string; readonly message: string }
  /** What the question names does not exist. */
  | { readonly kind: "not-found"; readonly message: string }
  /** No rollup answers this, and the log or the entities of the range are too many to scan. */
  | { readonly kind: "too-much-to-scan" }
  /** The caller left. */
  | { readonly kind: "cancelled" };
