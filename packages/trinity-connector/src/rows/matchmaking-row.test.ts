import { factId } from "@trinity/events/fact-id";
import { expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { eventsFrom, idsOf, inserted, modified, takenMs } from "../stream-records.testing.ts";

const table = "trinity-matchmaking-dev";
const vote = {
  PK: "ROOM#r-1",
  SK: "VOTE#862#u-1",
  roomId: "r-1",
  movieId: "862",
  userId: "u-1",
  voteType: "YES",
  votedAt: "2026-01-30T19:00:00Z",
  entityType: "USER_VOTE",
  GSI1PK: "USER#u-1",
  GSI1SK: "VOTE#r-1#862",
  ttl: 1_769_886_000,
};
const counter = { PK: "ROOM#r-1", SK: "MOVIE_VOTES#862", movieId: "862", yesVoteCount: 2, entityType: "MOVIE_VOTE_COUNT" };
const room = {
  PK: "ROOM#r-1",
  SK: "METADATA",
  name: "Duo",
  status: "VOTING_IN_PROGRESS",
  memberCount: 2,
  maxPlayers: 4,
  entityType: "ROOM_METADATA",
};
const member = { PK: "ROOM#r-1", SK: "MEMBER#u-1", entityType: "ROOM_MEMBER", joinedAt: "2026-01-30T18:59:00Z" };
const published = {
  PK: "EVENT#r-1",
  SK: "CONSENSUS_REACHED#2026-01-30T19:01:00Z",
  entityType: "CONSENSUS_EVENT",
  consensusData: JSON.stringify({ movieId: "862", participants: [{ userId: "u-1" }, { userId: "u-2" }] }),
  publishedAt: "2026-01-30T19:01:00Z",
  ttl: 1_769_889_660,
};
const about = { roomId: "r-1", generation: "G2" };

test.each([
  ["YES", "like"],
  ["NO", "dislike"],
  ["SKIP", "skip"],
])("the vote %s is told as %s, of a film", (voteType, mapped) => {
  expect(eventsFrom(table, inserted({ ...vote, voteType }))).toEqual([
    {
      ...about,
      eventType: "vote_content",
      timestamp: "2026-01-30T19:00:00.000Z",
      userId: "u-1",
      properties: { contentId: "movie:862", mediaType: "movie", vote: mapped },
    },
  ]);
});

test("a counter is no match, a member joins, a room is created", () => {
  expect(eventsFrom(table, inserted(counter))).toBe("like_counter");
  expect(eventsFrom(table, inserted(member))).toEqual([
    { ...about, eventType: "join_room", timestamp: "2026-01-30T18:59:00.000Z", userId: "u-1", properties: { rejoin: false } },
  ]);
  expect(eventsFrom(table, inserted(room))).toEqual([
    {
      ...about,
      eventType: "room_created",
      timestamp: new Date(takenMs).toISOString(),
      userId: null,
      properties: { seats: 4, mediaType: "movie", nameLength: 3 },
    },
  ]);
});

test("a consensus is reported once, by the room and by its event", () => {
  const reached = modified(room, { status: "CONSENSUS_REACHED", currentMovieId: "862", updatedAt: "2026-01-30T19:00:59Z" });
  const mapped = { ...about, eventType: "consensus_achieved", userId: null };
  const title = { contentId: "movie:862", mediaType: "movie", consensusType: "unanimous" };
  expect(eventsFrom(table, reached)).toEqual([{ ...mapped, timestamp: "2026-01-30T19:00:59.000Z", properties: title }]);
  expect(eventsFrom(table, inserted(published))).toEqual([
    { ...mapped, timestamp: "2026-01-30T19:01:00.000Z", properties: { ...title, participants: 2 } },
  ]);
  const ids = [reached, inserted(published)].flatMap((record) =>
    idsOf(mapRecord(record, { tableName: table, facts: null, keepTestRows: false })),
  );
  expect(ids).toEqual([factId("consensus_achieved", "r-1"), factId("consensus_achieved", "r-1")]);
});

test("rows of the other stack, with other keys, are unknown", () => {
  expect(eventsFrom(table, inserted({ matchId: "m-1", timestamp: 1_769_886_000 }))).toBe("unknown_row");
  expect(eventsFrom(table, inserted({ ...vote, SK: "ROUND#1" }))).toBe("unknown_row");
});

test("consensus data that is no JSON gives no title", () => {
  expect(eventsFrom(table, inserted({ ...published, consensusData: "{" }))).toBe("missing_id");
});
