/** Why a request is not authorized; each surface maps it to its own answer. */
export type AuthProblem =
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "forbidden" }
  /** Too many wrong keys came from this address: it must wait. */
  | { readonly kind: "too-many-requests"; readonly retryAfterS: number };
