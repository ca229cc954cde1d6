import { expect, test } from "vitest";
import { hostId, inserted, modified, removed, roomId, takenMs, tell } from "../stream-records.testing.ts";

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
const connection = {
  connectionId: "1769890504120-9x2kq",
  userId: hostId,
  roomId,
  connectedAt: "2026-01-31T20:15:04.120Z",
  lastPingAt: "2026-01-31T20:15:04.120Z",
  isActive: true,
};

test.each([
  ["G3", userOfG3],
  ["G1", userOfG1],
] as const)("a user's row of %s is a registration, of which nothing but the id is told", (generation, row) => {
  expect(tell("trinity-users-dev", inserted(row))).toEqual([
    { eventType: "user_registered", timestamp: createdAt, userId: hostId, roomId: null, generation, properties: {} },
  ]);
  expect(tell("trinity-users-dev", modified(row, { isActive: false }))).toBe("untold_change");
});

test("a connection opens and closes; pings are not told", () => {
  const about = { eventType: "connection_changed", userId: hostId, roomId, generation: "G3" };
  const takenAt = new Date(takenMs).toISOString();
  const table = "trinity-connections-dev";
  expect(tell(table, inserted(connection))).toEqual([
    { ...about, timestamp: "2026-01-31T20:15:04.120Z", properties: { status: "connected" } },
  ]);
  expect(tell(table, modified(connection, { lastPingAt: takenAt }))).toBe("untold_change");
  expect(tell(table, modified(connection, { isActive: false }))).toEqual([
    { ...about, timestamp: takenAt, properties: { status: "disconnected" } },
  ]);
  expect(tell(table, removed(connection))).toMatchObject([{ properties: { status: "disconnected" } }]);
  expect(tell(table, removed({ ...connection, isActive: false }))).toBe("untold_removal");
});

test.each([
  ["trinity-movies-cache-dev", { tmdbId: "movie_details_862", movieDetails: { id: "862", title: "Toy Story" }, ttl: 1_772_482_504 }],
  ["trinity-filter-cache", { cacheKey: "filter_0a1b2c3d4e5f6071", mediaType: "MOVIE", genreIds: [35], content: [], totalAvailable: 0 }],
  ["trinity-chat-sessions-dev", { sessionId: "s-1", messages: ["private"] }],
])("%s tells nothing", (table, row) => {
  expect(tell(table, inserted(row))).toBe("silent_table");
});

test("a table that nobody described is left out", () => {
  expect(tell("orders", inserted({ id: "1" }))).toBe("unknown_table");
});
