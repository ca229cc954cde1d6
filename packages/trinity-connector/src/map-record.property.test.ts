import { findDefinition } from "@trinity/events/catalogue";
import { parseEvent } from "@trinity/events/parse-event";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type MappingContext, mapRecord } from "./map-record.ts";
import { roomFactsOf } from "./room-facts.ts";
import { skipReasons } from "./skip-reason.ts";

const anyTable = fc.constantFrom(
  "trinity-rooms-dev-v2",
  "trinity-room-members-dev",
  "trinity-votes-prod",
  "trinity-room-matches-dev",
  "trinity-room-invites-dev-v2",
  "trinity-room-movie-cache-dev",
  "trinity-room-cache-metadata-dev",
  "trinity-matchmaking-dev",
  "trinity-users-dev",
  "trinity-connections-dev",
  "trinity-main",
  "trinity-filter-cache",
  "something-else",
);

const names = [
  "PK SK id roomId userId userId#movieId movieId mediaId resultMovieId role status isActive joinedAt createdAt updatedAt votedAt expiresAt",
  "publishedAt lastSeen connectedAt connectionStatus voteType maxMembers maxPlayers mediaType genreIds name inviteCode code totalMovies",
  "movieCount cacheComplete consensusData currentMovieId connectionId hostId filters mediaDetails timestamp __proto__",
].flatMap((line) => line.split(" "));
const texts = [
  "ROOM METADATA PROFILE INVITE ROOM#r-1 USER#u-1 EVENT#r-1 MEMBER#u-1 VOTE#862#u-1 VOTE#u-1#862 MATCH#862 MOVIE_VOTES#862",
  "CONSENSUS_REACHED#2026-01-30T19:01:00Z r-1 u-1 862 movie-862 tv:1 u-1#862 user-finished MATCHED WAITING ACTIVE READY ERROR EXPIRED CLEANUP",
  "CONSENSUS_REACHED HOST MEMBER LIKE DISLIKE YES MOVIE TV CONNECTED 2026-01-31T20:15:04.120Z 0001-01-01T00:00:00Z {}",
  "x".repeat(300),
].flatMap((line) => line.split(" "));
const anyText = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: fc.string() });
const anyAttribute = fc.oneof(
  { weight: 6, arbitrary: fc.record({ S: anyText }) },
  fc.record({ N: fc.oneof(fc.integer().map(String), fc.string()) }),
  fc.record({ BOOL: fc.boolean() }),
  fc.record({ SS: fc.array(fc.string()) }),
  fc.record({ L: fc.array(fc.oneof(fc.record({ N: fc.constantFrom("35", "16") }), fc.anything())) }),
  fc.record({ M: fc.dictionary(fc.constantFrom(...names), fc.record({ S: anyText })) }),
  fc.record({ B: fc.uint8Array() }),
  fc.anything(),
);
const anyImage = fc.dictionary(fc.constantFrom(...names), anyAttribute);
const anyTime = fc.oneof(fc.double(), fc.date(), fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), fc.string());
const anyRecord = fc.record(
  {
    eventName: fc.constantFrom("INSERT", "MODIFY", "REMOVE", "OTHER"),
    dynamodb: fc.record(
      { ApproximateCreationDateTime: anyTime, Keys: anyImage, NewImage: anyImage, OldImage: anyImage },
      { requiredKeys: [] },
    ),
    userIdentity: fc.oneof(fc.constant({ principalId: "dynamodb.amazonaws.com" }), fc.anything()),
  },
  { requiredKeys: ["eventName", "dynamodb"] },
);
const anyContext: fc.Arbitrary<MappingContext> = fc.record({
  tableName: anyTable,
  facts: fc.option(fc.tuple(anyImage, fc.array(anyImage)).map(([room, titles]) => roomFactsOf(room, titles))),
  keepTestRows: fc.boolean(),
});

test("no record of any shape makes it throw: it becomes events, or is skipped for a listed reason", () => {
  fc.assert(
    fc.property(fc.oneof(anyRecord, fc.anything()), anyContext, (record, context) => {
      const { events, skipped } = mapRecord(record, context);
      expect(events.length === 0 ? skipReasons.includes(skipped as never) : skipped === null).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("the same record gives the same events", () => {
  fc.assert(
    fc.property(anyRecord, anyContext, (record, context) => {
      expect(mapRecord(structuredClone(record), context)).toEqual(mapRecord(record, context));
    }),
  );
});

test("the catalogue accepts every event, and lists table streams among its sources", () => {
  fc.assert(
    fc.property(anyRecord, anyContext, (record, context) => {
      for (const event of mapRecord(record, context).events) {
        const nowMs = Date.parse(event.timestamp);
        expect(parseEvent(event, { nowMs, eventAgeMaxMs: Number.POSITIVE_INFINITY }).ok).toBe(true);
        expect(findDefinition(event.eventType)?.senders).toContain("stream");
      }
    }),
    { numRuns: 2_000 },
  );
});

test("no invitation code is in an event", () => {
  const anyCode = fc.stringMatching(/^[A-Z0-9]{6,8}$/).filter((code) => /[A-Z]/.test(code));
  fc.assert(
    fc.property(anyRecord, anyContext, anyCode, (record, context, code) => {
      const secret = { inviteCode: { S: code }, code: { S: code }, inviteUrl: { S: `https://trinity.app/join/${code}` } };
      const byCode = { PK: { S: code }, SK: { S: "INVITE" }, roomId: { S: "r-1" }, ...secret };
      for (const image of [{ ...record.dynamodb.NewImage, ...secret }, byCode]) {
        const { events } = mapRecord({ ...record, dynamodb: { ...record.dynamodb, NewImage: image } }, context);
        expect(JSON.stringify(events).includes(code) && !JSON.stringify(record).includes(code)).toBe(false);
      }
    }),
  );
});
