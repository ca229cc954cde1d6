import { type Segment, type UserAttribute, userAttributes } from "@trinity/aggregation/segment";
import fc from "fast-check";

/** Weeks and months around the days of the worlds of the tests, some at the turn of a year. */
const cohorts =
  "2018-02 2018-W07 2018-11 2018-W44 2018-W45 2020-12 2020-W53 2021-W01 2024-02 2024-W09 2024-03 2024-W13 2024-W14 2024-W43 2024-W44".split(
    " ",
  );
const laterCohorts = "2025-12 2026-W01 2026-W09 2026-W14 2026-06 2026-10 2026-W43".split(" ");
const tiers = ["inactive", "light", "regular", "heavy"];

/**
 * Any combination of up to four attributes.
 * @param valuesOf the values that users have in an attribute; cohorts and tiers are known
 */
export function anySegmentOf(
  valuesOf: (attribute: Exclude<UserAttribute, "cohort" | "activityTier">) => readonly string[],
): fc.Arbitrary<Segment> {
  const known = (attribute: UserAttribute) => {
    if (attribute === "cohort") return [...cohorts, ...laterCohorts];
    return attribute === "activityTier" ? tiers : [...valuesOf(attribute), "nothing"];
  };
  const anyAttribute: fc.Arbitrary<Segment> = fc.constantFrom(...userAttributes).chain((attribute) =>
    fc.record({
      kind: fc.constant("attribute"),
      attribute: fc.constant(attribute),
      values: fc.uniqueArray(fc.constantFrom(...known(attribute)), { minLength: 1, maxLength: 3 }),
    }),
  );
  const combined = (part: fc.Arbitrary<Segment>): fc.Arbitrary<Segment> =>
    fc.oneof(
      part,
      fc.record({ kind: fc.constant("not"), of: part }),
      fc.record({ kind: fc.constantFrom("all", "any"), of: fc.tuple(part, part) }),
    );
  return combined(combined(anyAttribute));
}
