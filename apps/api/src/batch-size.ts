import type { AskedIn } from "@trinity/query/query";
import { apiError } from "./api-problem.ts";
import { partsOf } from "./json-pieces.ts";

/** Of the answers to one batch together: tRPC writes them as one text, and meanwhile the process does nothing else. */
const valuesMax = 500_000;
/** An answer of fewer values always fits: a batch has at most 100 calls. */
const smallMax = valuesMax / 100;

/** What a request was answered. Nothing is counted before there is a second answer: REST has only one. */
type Answered = { readonly first: unknown; values: number | null };
const answeredBy = new WeakMap<AskedIn, Answered>();

/**
 * Adds an answer to those of its request.
 * @throws {TRPCError} when they would be too large together, and then the answer does not count; the first and small ones are never refused
 */
export function addToBatch(request: AskedIn, data: unknown): void {
  const answered = answeredBy.get(request);
  if (answered === undefined) return void answeredBy.set(request, { first: data, values: null });
  const before = answered.values ?? partsOf(answered.first, valuesMax);
  const more = partsOf(data, valuesMax);
  const isRefused = more > smallMax && before + more > valuesMax;
  answered.values = isRefused ? before : before + more;
  if (isRefused) {
    const detail = "The answers to this batch are too large together. Ask this question in a request of its own.";
    throw apiError({ slug: "unprocessable", detail });
  }
}
