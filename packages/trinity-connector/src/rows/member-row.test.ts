import { factId } from "@trinity/events/fact-id";
import { expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import {
  eventsFrom,
  expired,
  guestId,
  idsOf,
  inserted,
  modified,
  removed,
  roomId,
  roomIdOfG3,
  takenMs,
} from "../stream-records.testing.ts";

const table = "trinity-room-members-dev";
const member = { roomId, userId: guestId, role: "MEMBER", joinedAt: "2026-01-31T20:16:41.008Z", isActive: true };
const about = { userId: guestId, roomId, generation: "G2" };
const takenAt = new Date(takenMs).toISOString();
const idOf = (record: unknown) => idsOf(mapRecord(record, { tableName: table, facts: null, keepTestRows: false }))[0];

test("a member row of G2 that is put in is a join, under the id that every sender gives it", () => {
  expect(eventsFrom(table, inserted(member))).toEqual([
    { ...about, eventType: "join_room", timestamp: "2026-01-31T20:16:41.008Z", properties: { role: "member", rejoin: false } },
  ]);
  expect(idOf(inserted(member))).toBe(factId("join", roomId, guestId, "2026-01-31T20:16:41.008Z"));
  expect(idOf(inserted({ ...member, joinedAt: "2026-01-31T21:16:41.008+01:00" }))).toBe(idOf(inserted(member)));
});

test("the host's membership is reported by the room", () => {
  expect(eventsFrom(table, inserted({ ...member, role: "HOST" }))).toBe("host_seat");
});

test("a member who joins again, or becomes active again, rejoins", () => {
  expect(eventsFrom(table, modified(member, { joinedAt: "2026-01-31T20:25:00.000Z" }))).toEqual([
    { ...about, eventType: "join_room", timestamp: "2026-01-31T20:25:00.000Z", properties: { role: "member", rejoin: true } },
  ]);
  const back = modified({ ...member, isActive: false }, { isActive: true });
  expect(eventsFrom(table, back)).toEqual([
    { ...about, eventType: "join_room", timestamp: takenAt, properties: { role: "member", rejoin: true } },
  ]);
  expect(idOf(back)).not.toBe(idOf(inserted(member)));
});

test("a member row that is set inactive or removed is a departure, once a stay", () => {
  const left = modified(member, { isActive: false });
  expect(eventsFrom(table, left)).toEqual([{ ...about, eventType: "leave_room", timestamp: takenAt, properties: {} }]);
  expect(eventsFrom(table, removed(member))).toEqual([{ ...about, eventType: "leave_room", timestamp: takenAt, properties: {} }]);
  expect(idOf(removed(member))).toBe(idOf(left));
  expect(eventsFrom(table, removed({ ...member, isActive: false }))).toBe("untold_removal");
  expect(eventsFrom(table, expired(member))).toMatchObject([{ properties: { method: "cleanup" } }]);
});

test("a member row of G1 also has the connection status of the member", () => {
  const ofG1 = { ...member, connectionStatus: "CONNECTED", lastSeen: "2026-01-31T20:17:00.000Z", reconnectionAttempts: 0 };
  expect(eventsFrom(table, inserted(ofG1))).toMatchObject([{ eventType: "join_room", generation: "G1" }]);
  const lost = { connectionStatus: "RECONNECTING", lastSeen: "2026-01-31T20:18:00.000Z", reconnectionAttempts: 2 };
  expect(eventsFrom(table, modified(ofG1, lost))).toEqual([
    {
      ...about,
      eventType: "connection_changed",
      generation: "G1",
      timestamp: "2026-01-31T20:18:00.000Z",
      properties: { status: "reconnecting", attempts: 2 },
    },
  ]);
  expect(eventsFrom(table, modified(ofG1, { lastSeen: "2026-01-31T20:18:00.000Z" }))).toBe("untold_change");
});

test("a member row of G3 is recognised by its room", () => {
  expect(eventsFrom(table, inserted({ ...member, roomId: roomIdOfG3 }))).toMatchObject([{ generation: "G3" }]);
});

test("a member row without a role or a time is still a join; one without a user is none", () => {
  expect(eventsFrom(table, inserted({ roomId, userId: guestId }))).toEqual([
    { ...about, eventType: "join_room", timestamp: takenAt, properties: { rejoin: false } },
  ]);
  expect(eventsFrom(table, inserted({ roomId }))).toBe("missing_id");
});
