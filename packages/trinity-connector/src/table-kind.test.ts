import { expect, test } from "vitest";
import { eventsFrom, inserted } from "./stream-records.testing.ts";
import { isMapped, tableKindOf, tableNameOfStream } from "./table-kind.ts";

test("a table is recognised by its prefix, before any stage and version", () => {
  const tables = ["trinity-rooms-dev-v2", "trinity-rooms", "trinity-room-members-prod", "trinity-main", "trinity-roomsx", "rooms"];
  expect(tables.map(tableKindOf)).toEqual(["rooms", "rooms", "members", "single-table", null, null]);
});

test("the stream's ARN names its table", () => {
  expect(tableNameOfStream("arn:aws:dynamodb:eu-west-1:1:table/trinity-votes-dev/stream/2026-01-01T00:00:00.000")).toBe(
    "trinity-votes-dev",
  );
  expect(tableNameOfStream("arn:aws:sqs:eu-west-1:1:queue")).toBeNull();
});

test("streams of tables without events need not be read", () => {
  expect((["silent", "like-counters", "movie-cache", "votes"] as const).map(isMapped)).toEqual([false, false, false, true]);
});

test.each([
  ["trinity-movies-cache-dev", { tmdbId: "movie_details_862", movieDetails: { id: "862", title: "Toy Story" }, ttl: 1_772_482_504 }],
  ["trinity-filter-cache", { cacheKey: "filter_0a1b2c3d4e5f6071", mediaType: "MOVIE", genreIds: [35], content: [], totalAvailable: 0 }],
  ["trinity-chat-sessions-dev", { sessionId: "s-1", messages: ["private"] }],
])("%s tells nothing", (table, row) => {
  expect(eventsFrom(table, inserted(row))).toBe("silent_table");
});

test("an unknown table is skipped", () => {
  expect(eventsFrom("orders", inserted({ id: "1" }))).toBe("unknown_table");
});
