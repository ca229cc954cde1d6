import { factId } from "@trinity/events/fact-id";
import { describe, expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { roomFactsOf } from "../room-facts.ts";
import {
  eventsFrom,
  hostId,
  idsOf,
  imageOf,
  inserted,
  modified,
  removed,
  roomId,
  roomIdOfG3,
  StringSet,
  takenMs,
} from "../stream-records.testing.ts";

const table = "trinity-rooms-dev-v2";
const room = {
  PK: roomId,
  SK: "ROOM",
  roomId,
  id: roomId,
  name: "Friday",
  status: "WAITING",
  hostId,
  inviteCode: "K7Q2ZD",
  inviteUrl: "https://trinity-app.com/invite/K7Q2ZD",
  mediaType: "MOVIE",
  genreIds: [35, 16],
  genreNames: ["Comedia", "Animación"],
  preloadedMovies: ["862", "585", "12"],
  totalMovies: 50,
  currentMovieIndex: 0,
  moviesExhausted: false,
  isActive: true,
  isPrivate: false,
  memberCount: 1,
  maxMembers: 3,
  matchCount: 0,
  createdAt: "2026-01-31T20:15:04.120Z",
  updatedAt: "2026-01-31T20:15:04.120Z",
};
const about = { timestamp: "2026-01-31T20:15:04.120Z", roomId, generation: "G2" };

describe("a room of G2", () => {
  test("that is put in is created and has an invitation; of its name only the length is reported", () => {
    expect(eventsFrom(table, inserted(room))).toEqual([
      {
        ...about,
        eventType: "room_created",
        userId: hostId,
        properties: { seats: 3, mediaType: "movie", genres: ["comedy", "animation"], isPrivate: false, titleCount: 50, nameLength: 6 },
      },
      { ...about, eventType: "invite_created", userId: hostId, properties: { codeLength: 6 } },
    ]);
  });

  test("has the ids that every other sender gives to the same facts", () => {
    expect(idsOf(mapRecord(inserted(room), { tableName: table, facts: null, keepTestRows: false }))).toEqual([
      factId("room_created", roomId),
      factId("invite", "K7Q2ZD", roomId),
    ]);
  });

  test("that becomes MATCHED has matched, at the time of its last change", () => {
    const match = modified(room, { status: "MATCHED", resultMovieId: "862", updatedAt: "2026-01-31T20:38:01.900Z" });
    expect(eventsFrom(table, match)).toEqual([
      {
        eventType: "match_found",
        timestamp: "2026-01-31T20:38:01.900Z",
        userId: null,
        roomId,
        generation: "G2",
        properties: { contentId: "movie:862", mediaType: "movie", capacity: 3, timeToMatchMs: 1_377_780 },
      },
    ]);
  });

  test("gets the genres of its match from the list of its titles", () => {
    const facts = roomFactsOf(imageOf(room), [
      imageOf({ roomId, sequenceIndex: 4, movieId: "862", genreIds: [16, 35, 10_751], mediaType: "MOVIE" }),
    ]);
    const match = modified(room, { status: "MATCHED", resultMovieId: "862", matchedAt: "2026-01-31T20:38:00.000Z" });
    expect(eventsFrom(table, match, facts)).toMatchObject([
      { timestamp: "2026-01-31T20:38:00.000Z", properties: { contentId: "movie:862", genres: ["animation", "comedy", "family"] } },
    ]);
  });

  test("that has matched before does not match again, and MATCHED without a title is not reported yet", () => {
    const matched = { ...room, status: "MATCHED", resultMovieId: "862" };
    expect(eventsFrom(table, modified(matched, { isActive: false }))).toBe("untold_change");
    expect(eventsFrom(table, modified(room, { status: "MATCHED" }))).toBe("untold_change");
  });

  test("that is seen for the first time after its match reports both", () => {
    const matched = { ...room, status: "MATCHED", resultMovieId: "862", updatedAt: "2026-01-31T20:38:01.900Z" };
    expect(eventsFrom(table, inserted(matched))).toMatchObject([
      { eventType: "room_created" },
      { eventType: "invite_created" },
      { eventType: "match_found" },
    ]);
  });

  test("reports nothing for internal attributes, other changes and its removal", () => {
    expect(eventsFrom(table, modified(room, { updatedAt: "2026-01-31T20:20:00.000Z", currentMovieIndex: 7 }))).toBe("bookkeeping_only");
    expect(eventsFrom(table, modified(room, { memberCount: 2, updatedAt: "2026-01-31T20:20:00.000Z" }))).toBe("untold_change");
    expect(eventsFrom(table, removed(room))).toBe("untold_removal");
  });
});

test("the record of the domain reference, in Lambda's format, is the match that it describes", () => {
  const record = {
    eventID: "1",
    eventName: "MODIFY",
    eventSource: "aws:dynamodb",
    awsRegion: "eu-west-1",
    eventSourceARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/trinity-rooms-dev-v2/stream/2026-01-01T00:00:00.000",
    dynamodb: {
      ApproximateCreationDateTime: 1_769_891_882,
      SequenceNumber: "1",
      StreamViewType: "NEW_AND_OLD_IMAGES",
      Keys: { PK: { S: roomId }, SK: { S: "ROOM" } },
      OldImage: { status: { S: "WAITING" }, maxMembers: { N: "3" }, createdAt: { S: "2026-01-31T20:15:04.120Z" } },
      NewImage: {
        status: { S: "MATCHED" },
        resultMovieId: { S: "862" },
        maxMembers: { N: "3" },
        mediaType: { S: "MOVIE" },
        createdAt: { S: "2026-01-31T20:15:04.120Z" },
        updatedAt: { S: "2026-01-31T20:38:01.900Z" },
      },
    },
  };
  const context = { tableName: table, facts: null, keepTestRows: false };
  expect(mapRecord(record, context).events).toEqual([
    {
      eventId: factId("match", roomId),
      eventType: "match_found",
      timestamp: "2026-01-31T20:38:01.900Z",
      userId: null,
      roomId,
      properties: { contentId: "movie:862", mediaType: "movie", capacity: 3, timeToMatchMs: 1_377_780 },
      context: {},
      source: { system: "stream", generation: "G2" },
    },
  ]);
});

test("a room of G1 is mapped from its own attributes, and its internal attributes are ignored", () => {
  const ofG1 = { ...room, shownMovieIds: new StringSet("862", "12"), lastSyncAt: "2026-01-31T20:16:00.000Z" };
  expect(eventsFrom(table, inserted(ofG1))).toMatchObject([{ generation: "G1" }, { generation: "G1" }]);
  const synced = { shownMovieIds: new StringSet("12", "862", "585"), lastSyncAt: "2026-01-31T20:17:00.000Z" };
  expect(eventsFrom(table, modified(ofG1, synced))).toBe("bookkeeping_only");
});

test("a room of G3 has its milliseconds in its id and a code of eight characters", () => {
  const ofG3 = { ...room, PK: roomIdOfG3, roomId: roomIdOfG3, id: roomIdOfG3, inviteCode: "K7Q2ZDX8" };
  expect(eventsFrom(table, inserted(ofG3))).toMatchObject([
    { roomId: roomIdOfG3, generation: "G3" },
    { properties: { codeLength: 8 }, generation: "G3" },
  ]);
});

test("absent attributes of a sparse row are omitted: no capacity, no titles, the record's own time", () => {
  const sparse = { PK: "r-9", SK: "ROOM", id: "r-9", preloadedMovies: [], totalMovies: 0 };
  expect(eventsFrom(table, inserted(sparse))).toEqual([
    {
      eventType: "room_created",
      timestamp: new Date(takenMs).toISOString(),
      userId: null,
      roomId: "r-9",
      generation: undefined,
      properties: {},
    },
  ]);
});

test("the media type of a match is not guessed", () => {
  const { mediaType: _, ...untyped } = room;
  expect(eventsFrom(table, modified(untyped, { status: "MATCHED", resultMovieId: "862" }))).toBe("unknown_media_type");
});

test("rows of tests are skipped, unless they are kept", () => {
  const rows = [
    { ...room, PK: "test-1", roomId: "test-1" },
    { ...room, hostId: "test-user" },
    { ...room, resultMovieId: "12345" },
  ];
  expect(rows.map((row) => eventsFrom(table, inserted(row)))).toEqual(["test_row", "test_row", "test_row"]);
  expect(mapRecord(inserted(rows[0] ?? {}), { tableName: table, facts: null, keepTestRows: true }).events).toHaveLength(2);
});

test("a row under another sort key is unknown", () => {
  expect(eventsFrom(table, inserted({ ...room, SK: "SETTINGS" }))).toBe("unknown_row");
});
