import type { ProblemSlug } from "@trinity/http/problem-type";

/** Why a request was rejected as a whole. `permanent`: the same bytes will always fail, so the sender must not retry. */
export type IngestProblem =
  | { readonly kind: "malformed_body"; readonly permanent: true; readonly detail: string }
  | { readonly kind: "too_large"; readonly permanent: true; readonly detail: string }
  | { readonly kind: "unsupported_encoding"; readonly permanent: true; readonly detail: string }
  | { readonly kind: "too_much_under_way"; readonly permanent: false; readonly detail: string; readonly retryAfterS: number }
  | { readonly kind: "store_unavailable"; readonly permanent: false; readonly detail: string; readonly retryAfterS: number };

/** The one place a kind becomes HTTP; a new kind without a status does not compile. */
export const slugOf = {
  malformed_body: "malformed-request",
  too_large: "too-large",
  unsupported_encoding: "unsupported-media-type",
  too_much_under_way: "too-many-requests",
  store_unavailable: "unavailable",
} as const satisfies Record<IngestProblem["kind"], ProblemSlug>;
