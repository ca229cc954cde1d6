import type { UserSet } from "@trinity/aggregation/user-set";
import type { Vector } from "@trinity/aggregation/vector";

/** Odd, so that it maps the numbers below 2^32 one to one (Knuth's multiplicative hashing). */
const multiplier = 2_654_435_761;

/**
 * What is compared of a set of users: how many there are, the sum of their numbers, and the exclusive or of their hashes. Other sets seldom have
 * the same three, and no likely mistake gives them.
 */
export const userDigestNames = ["count", "sum", "hash"] as const;

/** @param user the column with the number of each user. @returns the digest of a group of rows, one for each user, in the order of the names */
export function userDigestSql(user: string): readonly string[] {
  return ["count(*)::DOUBLE", `sum(${user})::DOUBLE`, `bit_xor((${user}::UBIGINT * ${multiplier}) & 4294967295)::DOUBLE`];
}

/** @returns the digest of a set of users, by place; without the zeros */
export function userDigestOf(users: UserSet): Vector {
  let [count, sum, hash] = [0, 0, 0];
  for (const number of users) {
    count += 1;
    sum += number;
    hash ^= Math.imul(number, multiplier);
  }
  return new Map([count, sum, hash >>> 0].entries().filter(([, amount]) => amount !== 0));
}
