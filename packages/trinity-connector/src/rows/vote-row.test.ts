import { factId } from "@trinity/events/fact-id";
import { describe, expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { roomFactsOf } from "../room-facts.ts";
import { eventsFrom, guestId, idsOf, imageOf, inserted, modified, removed, roomId, roomIdOfG3 } from "../stream-records.testing.ts";

const table = "trinity-votes-dev";
const vote = {
  roomId,
  "userId#movieId": `${guestId}#862`,
  userId: guestId,
  movieId: "862",
  voteType: "LIKE",
  votedAt: "2026-01-31T20:18:02.551Z",
  version: 1,
};
const room = { PK: roomId, SK: "ROOM", mediaType: "MOVIE", maxMembers: 3 };
const title = {
  roomId,
  sequenceIndex: 0,
  movieId: "862",
  title: "Toy Story",
  releaseDate: "1995-11-22",
  genreIds: [16, 35, 10_751],
  originalLanguage: "en",
  mediaType: "MOVIE",
  priority: 1,
  isActive: true,
  ttl: 1_770_495_305,
};
const titleOfG3 = { roomId, sequenceIndex: 0, movieId: "862", movieData: { id: "862", genreIds: [16], mediaType: "TV" }, batchNumber: 0 };
const facts = roomFactsOf(imageOf(room), [imageOf(title)]);
const about = { eventType: "vote_content", timestamp: "2026-01-31T20:18:02.551Z", userId: guestId, roomId };

test("a vote of G2 is reported with the data of its title from the list of the room", () => {
  expect(eventsFrom(table, inserted(vote), facts)).toEqual([
    {
      ...about,
      generation: "G2",
      properties: {
        contentId: "movie:862",
        vote: "like",
        genres: ["animation", "comedy", "family"],
        mediaType: "movie",
        position: 0,
        priority: 1,
        releaseYear: 1995,
        capacity: 3,
      },
    },
  ]);
});

test("without the list the room gives the media type, and the room's genres are not used for the title", () => {
  expect(eventsFrom(table, inserted(vote), roomFactsOf(imageOf(room), []))).toMatchObject([
    { properties: { contentId: "movie:862", vote: "like", mediaType: "movie", capacity: 3 } },
  ]);
});

test("the list of G3 stores its titles in a map", () => {
  expect(eventsFrom(table, inserted(vote), roomFactsOf(undefined, [imageOf(titleOfG3)]))).toMatchObject([
    { properties: { contentId: "tv:862", mediaType: "tv", genres: ["animation"] } },
  ]);
});

test("a vote of G3 is recognised by its room, has no version, and is a like", () => {
  const { version: _, ...ofG3 } = { ...vote, roomId: roomIdOfG3 };
  expect(eventsFrom(table, inserted(ofG3), facts)).toMatchObject([{ roomId: roomIdOfG3, generation: "G3", properties: { vote: "like" } }]);
});

describe.each([
  ["DISLIKE", "dislike"],
  ["SKIP", "skip"],
])("%s", (voteType, mapped) => {
  test(`is mapped to ${mapped}`, () => {
    expect(eventsFrom(table, inserted({ ...vote, voteType }), facts)).toMatchObject([{ properties: { vote: mapped } }]);
  });
});

test("has the id that every sender gives it, with any facts about the title", () => {
  const context = { tableName: table, keepTestRows: false };
  const ids = [facts, roomFactsOf(imageOf(room), []), roomFactsOf(undefined, [imageOf(titleOfG3)])].map((known) =>
    idsOf(mapRecord(inserted(vote), { ...context, facts: known })),
  );
  expect(new Set(ids.flat())).toEqual(new Set([factId("vote", roomId, guestId, "862")]));
});

test("the sort key gives user and title if the attributes do not", () => {
  const { userId: _, movieId: __, ...keyed } = vote;
  expect(eventsFrom(table, inserted(keyed), facts)).toMatchObject([{ userId: guestId, properties: { contentId: "movie:862" } }]);
});

test("a vote that cannot be mapped is skipped for a reason", () => {
  expect(eventsFrom(table, inserted(vote))).toBe("unknown_media_type");
  expect(eventsFrom(table, inserted({ ...vote, voteType: "MAYBE" }), facts)).toBe("unknown_vote");
  expect(eventsFrom(table, inserted({ roomId, voteType: "LIKE" }), facts)).toBe("missing_id");
  expect(eventsFrom(table, modified(vote, { version: 2 }), facts)).toBe("untold_change");
  expect(eventsFrom(table, removed(vote), facts)).toBe("untold_removal");
});

test.each(["user_joined_event", "user_left_event", "connection_event", "disconnection_event", "user-finished", "no-more-movies"])(
  "%s is no title",
  (movieId) => {
    expect(eventsFrom(table, inserted({ ...vote, movieId }), facts)).toBe("sentinel_title");
  },
);

test("the title that tests vote for is skipped", () => {
  expect(eventsFrom(table, inserted({ ...vote, movieId: "12345" }), facts)).toBe("test_row");
});

test("a row of the counter of likes is never a match", () => {
  const counter = { roomId, movieId: "862", votes: 2, updatedAt: "2026-01-31T20:18:02.590Z", version: 2 };
  expect(eventsFrom("trinity-room-matches-dev", inserted(counter))).toBe("like_counter");
  expect(eventsFrom("trinity-room-matches-dev", modified(counter, { votes: 3, matchedAt: "2026-01-31T20:18:02.590Z" }))).toBe(
    "like_counter",
  );
});
