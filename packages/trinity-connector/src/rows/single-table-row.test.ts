import { factId } from "@trinity/events/fact-id";
import { expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { roomFactsOf } from "../room-facts.ts";
import { eventsFrom, guestId, hostId, idsOf, imageOf, inserted, modified, removed, takenMs } from "../stream-records.testing.ts";

const table = "trinity-main";
const roomId = "5f0c8a52-9a57-4a6e-8a7c-0a4f7b7c9d10";
const room = {
  PK: `ROOM#${roomId}`,
  SK: "METADATA",
  GSI1PK: `ROOM#${hostId}`,
  GSI1SK: "CREATED#2025-11-01T10:00:00.000Z",
  id: roomId,
  name: "Cine",
  creatorId: hostId,
  filters: { genres: ["Comedy", "28"], contentTypes: ["movie"] },
  masterList: ["862", "585"],
  inviteCode: "AB12CD",
  isActive: true,
  createdAt: "2025-11-01T10:00:00.000Z",
  updatedAt: "2025-11-01T10:00:00.000Z",
};
const member = {
  PK: `ROOM#${roomId}`,
  SK: `MEMBER#${guestId}`,
  userId: guestId,
  roomId,
  role: "member",
  status: "active",
  shuffledList: ["585", "862"],
  currentIndex: 0,
  joinedAt: "2025-11-01T10:05:00.000Z",
};
const vote = {
  PK: `ROOM#${roomId}`,
  SK: `VOTE#${guestId}#862`,
  userId: guestId,
  roomId,
  mediaId: "862",
  voteType: "like",
  timestamp: "2025-11-01T10:06:00.000Z",
};
const match = {
  PK: `ROOM#${roomId}`,
  SK: "MATCH#862",
  id: "m-1",
  roomId,
  mediaId: "862",
  participants: [hostId, guestId],
  createdAt: "2025-11-01T10:07:00.000Z",
  mediaDetails: { tmdbId: "862", mediaType: "movie", genres: ["Animation", "Comedy"] },
  consensusType: "unanimous_like",
  totalVotes: 2,
};
const profile = { PK: `USER#${guestId}`, SK: "PROFILE", email: "ana@example.org", createdAt: "2025-10-01T10:00:00.000Z" };
const about = { roomId, generation: "G0" };

test("G0's room is created and has an invitation", () => {
  expect(eventsFrom(table, inserted(room))).toEqual([
    {
      ...about,
      eventType: "room_created",
      timestamp: "2025-11-01T10:00:00.000Z",
      userId: hostId,
      properties: { mediaType: "movie", genres: ["comedy", "action"], titleCount: 2, nameLength: 4 },
    },
    { ...about, eventType: "invite_created", timestamp: "2025-11-01T10:00:00.000Z", userId: hostId, properties: { codeLength: 6 } },
  ]);
  expect(eventsFrom(table, modified(room, { isActive: false }))).toBe("untold_change");
});

test("G0's member joins; a silent member has not left, one whose row is deleted has", () => {
  expect(eventsFrom(table, inserted(member))).toEqual([
    {
      ...about,
      eventType: "join_room",
      timestamp: "2025-11-01T10:05:00.000Z",
      userId: guestId,
      properties: { role: "member", rejoin: false },
    },
  ]);
  expect(eventsFrom(table, inserted({ ...member, role: "creator" }))).toBe("host_seat");
  expect(eventsFrom(table, modified(member, { status: "inactive" }))).toBe("untold_change");
  expect(eventsFrom(table, removed(member))).toEqual([
    { ...about, eventType: "leave_room", timestamp: new Date(takenMs).toISOString(), userId: guestId, properties: {} },
  ]);
});

test("G0's vote takes the media type of its title from the room, and deleting it reverts nothing", () => {
  expect(eventsFrom(table, inserted(vote), roomFactsOf(imageOf(room), []))).toEqual([
    {
      ...about,
      eventType: "vote_content",
      timestamp: "2025-11-01T10:06:00.000Z",
      userId: guestId,
      properties: { contentId: "movie:862", mediaType: "movie", vote: "like" },
    },
  ]);
  expect(eventsFrom(table, inserted(vote))).toBe("unknown_media_type");
  expect(eventsFrom(table, removed(vote))).toBe("untold_removal");
});

test("G0's room may match several times, each with its own id", () => {
  expect(eventsFrom(table, inserted(match))).toEqual([
    {
      ...about,
      eventType: "match_found",
      timestamp: "2025-11-01T10:07:00.000Z",
      userId: null,
      properties: { contentId: "movie:862", mediaType: "movie", genres: ["animation", "comedy"], members: 2 },
    },
  ]);
  expect(idsOf(mapRecord(inserted(match), { tableName: table, facts: null, keepTestRows: false }))).toEqual([
    factId("match", roomId, "862"),
  ]);
});

test("G0's profile is a registration, of which only the id is reported", () => {
  expect(eventsFrom(table, inserted(profile))).toEqual([
    {
      eventType: "user_registered",
      timestamp: "2025-10-01T10:00:00.000Z",
      userId: guestId,
      roomId: null,
      generation: "G0",
      properties: {},
    },
  ]);
});

test("titles, settings and the like make no events", () => {
  expect(eventsFrom(table, inserted({ PK: "MEDIA#862", SK: "METADATA" }))).toBe("unknown_row");
  expect(eventsFrom(table, inserted({ PK: `ROOM#${roomId}`, SK: "SETTINGS" }))).toBe("unknown_row");
});
