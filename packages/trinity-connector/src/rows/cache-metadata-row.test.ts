import { factId } from "@trinity/events/fact-id";
import { expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { eventsFrom, expired, idsOf, inserted, modified, removed, roomId, roomIdOfG3, takenMs } from "../stream-records.testing.ts";

const table = "trinity-room-cache-metadata-dev";
const list = {
  roomId,
  status: "ACTIVE",
  cacheComplete: true,
  totalMovies: 50,
  roomCapacity: 3,
  currentMembers: 0,
  filterCriteria: { mediaType: "MOVIE", genreIds: [35, 16], roomCapacity: 3, roomId },
  businessLogicApplied: { westernLanguagesOnly: true, descriptionRequired: true, genrePrioritization: true, exactlyFiftyMovies: true },
  createdAt: "2026-01-31T20:15:05.300Z",
  updatedAt: "2026-01-31T20:15:05.300Z",
  ttl: 1_770_495_305,
};
const inBatches = {
  roomId,
  status: "ACTIVE",
  currentIndex: 0,
  batchesLoaded: 1,
  nextBatchThreshold: 20,
  maxMovies: 300,
  totalMovies: 30,
  lastBatchLoadedAt: "2026-01-31T20:15:05.300Z",
  filterCriteria: { mediaType: "MOVIE", genres: [35], roomId },
  createdAt: "2026-01-31T20:15:05.300Z",
};
const ofG3 = {
  roomId: roomIdOfG3,
  status: "CREATING",
  movieCount: 50,
  filterCriteria: { roomCapacity: 2 },
  createdAt: "2026-02-02T20:15:05.300Z",
};

const about = { userId: null, roomId, generation: "G2" };
const takenAt = new Date(takenMs).toISOString();
const idOf = (record: unknown) => idsOf(mapRecord(record, { tableName: table, facts: null, keepTestRows: false }))[0];

test("a list of fifty titles is ready when its row is put in", () => {
  expect(eventsFrom(table, inserted(list))).toEqual([
    { ...about, eventType: "cache_built", timestamp: "2026-01-31T20:15:05.300Z", properties: { titleCount: 50 } },
  ]);
  expect(idOf(inserted(list))).toBe(factId("cache", roomId, "2026-01-31T20:15:05.300Z"));
});

test("a list that is not complete is ready once it is", () => {
  const begun = { ...list, cacheComplete: false };
  expect(eventsFrom(table, inserted(begun))).toBe("unfinished_list");
  expect(eventsFrom(table, modified(begun, { cacheComplete: true, updatedAt: "2026-01-31T20:15:09.000Z" }))).toMatchObject([
    { eventType: "cache_built", timestamp: "2026-01-31T20:15:09.000Z" },
  ]);
});

test("a list in batches is ready with its first batch, and further ones are not reported", () => {
  expect(eventsFrom(table, inserted(inBatches))).toMatchObject([{ eventType: "cache_built", properties: { titleCount: 30 } }]);
  expect(eventsFrom(table, modified(inBatches, { batchesLoaded: 2, totalMovies: 60 }))).toBe("untold_change");
});

test("a list of G3 is reported when it is READY, fails, or expires", () => {
  const aboutG3 = { ...about, roomId: roomIdOfG3, generation: "G3" };
  expect(eventsFrom(table, inserted(ofG3))).toBe("unfinished_list");
  expect(eventsFrom(table, modified(ofG3, { status: "READY" }))).toEqual([
    { ...aboutG3, eventType: "cache_built", timestamp: takenAt, properties: { titleCount: 50 } },
  ]);
  expect(eventsFrom(table, modified(ofG3, { status: "ERROR" }))).toMatchObject([{ ...aboutG3, eventType: "cache_failed" }]);
  expect(eventsFrom(table, modified({ ...ofG3, status: "READY" }, { status: "EXPIRED" }))).toEqual([
    { ...aboutG3, eventType: "cache_expired", timestamp: takenAt, properties: { reason: "status" } },
  ]);
});

test("a list that DynamoDB removes has expired, one that is deleted was cleaned", () => {
  expect(eventsFrom(table, expired(list))).toEqual([
    { ...about, eventType: "cache_expired", timestamp: takenAt, properties: { reason: "age" } },
  ]);
  expect(eventsFrom(table, removed(list))).toEqual([
    { ...about, eventType: "cache_cleaned", timestamp: takenAt, properties: { reason: "removed" } },
  ]);
});

test("a list with the status CLEANUP that is then removed was cleaned once", () => {
  const marked = modified(list, { status: "CLEANUP", cleanupScheduledAt: "2026-01-31T21:00:00.000Z" });
  expect(eventsFrom(table, marked)).toMatchObject([{ eventType: "cache_cleaned", properties: { reason: "status" } }]);
  expect(idOf(expired({ ...list, status: "CLEANUP" }))).toBe(idOf(marked));
});

test("the titles of a list make no events", () => {
  expect(eventsFrom("trinity-room-movie-cache-dev", inserted({ roomId, sequenceIndex: 0, movieId: "862" }))).toBe("title_row");
});
