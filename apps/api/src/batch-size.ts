import type { AskedIn } from "@trinity/query/query";
import { apiError } from "./api-problem.ts";
import { partsOf } from "./json-pieces.ts";

/** Of the answers to one batch together, after the first: tRPC writes them as one text, and meanwhile the process does nothing else. */
const valuesMax = 500_000;

const valuesBy = new WeakMap<AskedIn, number>();

/**
 * Adds an answer to those of its request.
 * @throws {TRPCError} when they are too large together; the first is never refused
 */
export function addToBatch(request: AskedIn, data: unknown): void {
  const before = valuesBy.get(request) ?? 0;
  const values = before + partsOf(data, valuesMax);
  valuesBy.set(request, values);
  if (before > 0 && values > valuesMax)
    throw apiError({
      slug: "unprocessable",
      detail: "The answers to this batch are too large together. Ask this question in a request of its own.",
    });
}
