import { type DataOperation, isWrite } from "./data-operation.testing.ts";

const faults = ["throttled", "conflict", "timeoutAfterEffect", "redelivered", "serverError"] as const;
/**
 * What may become of a request for data:
 * - `throttled`: refused, or of a batch done in part;
 * - `conflict`: a write is refused because another transaction is at its item;
 * - `timeoutAfterEffect`: done, but the answer never comes;
 * - `redelivered`: a write is done and answered, and a quarter of an hour later done again, as a network may deliver late what it kept;
 * - `serverError`: refused with status 500.
 */
export type Fault = (typeof faults)[number];

/** Which share of the requests that a fault is possible for it befalls: each at least 0, together at most 1. */
export type FaultRates = Readonly<Record<Fault, number>>;

export const standardRates: FaultRates = { throttled: 0.3, conflict: 0.2, timeoutAfterEffect: 0.1, redelivered: 0.05, serverError: 0 };
export const noFaults: FaultRates = { throttled: 0, conflict: 0, timeoutAfterEffect: 0, redelivered: 0, serverError: 0 };

/** @throws {RangeError} when the rates are no shares of one whole */
export function checkedRates(rates: FaultRates): FaultRates {
  const shares = faults.map((fault) => rates[fault]);
  // A little more than 1, because 0.7 + 0.2 + 0.1 is.
  const areShares = shares.every((share) => share >= 0) && shares.reduce((sum, share) => sum + share) <= 1 + 1e-9;
  if (!areShares) throw new RangeError(`fault rates must be at least 0 and together at most 1: ${JSON.stringify(rates)}`);
  return rates;
}

/** @param chance in [0, 1) @returns what befalls a request; at most one thing */
export function faultByChance(operation: DataOperation, rates: FaultRates, chance: number): Fault | null {
  let bound = 0;
  for (const fault of faults) {
    if (!isPossible(fault, operation)) continue;
    bound += rates[fault];
    if (chance < bound) return fault;
  }
  return null;
}

export function isPossible(fault: Fault, operation: DataOperation): boolean {
  // A batch is many writes of their own: DynamoDB hands back those in conflict instead of refusing it.
  if (fault === "conflict") return isWrite(operation) && operation !== "BatchWriteItem";
  return fault !== "redelivered" || isWrite(operation);
}
