import { expect, test } from "vitest";
import { usersByActivityTier } from "./activity-tier.ts";
import { UserSet } from "./user-set.ts";

/** User n is active on the last n of the days. */
const days = Array.from({ length: 28 }, (_, day) => UserSet.of(Array.from({ length: 29 }, (_, n) => n).filter((n) => n > 27 - day)));
const allUsers = UserSet.of(Array.from({ length: 29 }, (_, n) => n));

test("nobody is active on no day, light from the first, regular from the fourth and heavy from the twelfth", () => {
  const tiers = Object.fromEntries([...usersByActivityTier(days, allUsers)].map(([tier, users]) => [tier, [...users]]));
  expect(tiers).toEqual({
    inactive: [0],
    light: [1, 2, 3],
    regular: [4, 5, 6, 7, 8, 9, 10, 11],
    heavy: Array.from({ length: 17 }, (_, n) => n + 12),
  });
});

test("without any activity everybody is inactive", () => {
  expect([...(usersByActivityTier([], allUsers).get("inactive") ?? [])]).toHaveLength(29);
});
