import { expect, test } from "vitest";
import { eventsFrom, hostId, inserted, modified } from "../stream-records.testing.ts";

const createdAt = "2026-01-31T20:10:00.000Z";
const userOfG3 = {
  id: hostId,
  username: "ana",
  email: "ana@example.org",
  displayName: "Ana",
  createdAt,
  updatedAt: createdAt,
  isActive: true,
};
const userOfG1 = {
  userId: hostId,
  email: "ana@example.org",
  emailVerified: true,
  username: "ana",
  profilePicture: null,
  preferences: { genres: [], languages: ["es"] },
  isActive: true,
  createdAt,
  updatedAt: createdAt,
};

test.each([
  ["G3", userOfG3],
  ["G1", userOfG1],
] as const)("a user's row of %s is a registration, of which nothing but the id is told", (generation, row) => {
  expect(eventsFrom("trinity-users-dev", inserted(row))).toEqual([
    { eventType: "user_registered", timestamp: createdAt, userId: hostId, roomId: null, generation, properties: {} },
  ]);
  expect(eventsFrom("trinity-users-dev", modified(row, { isActive: false }))).toBe("untold_change");
});
