import { factId } from "@trinity/events/fact-id";
import { expect, test } from "vitest";
import { mapRecord } from "../map-record.ts";
import { eventsFrom, hostId, idsOf, inserted, modified, removed, roomId } from "../stream-records.testing.ts";

const table = "trinity-room-invites-dev-v2";
const byCode = {
  PK: "K7Q2ZD",
  SK: "INVITE",
  code: "K7Q2ZD",
  url: "https://trinity.app/room/K7Q2ZD",
  roomId,
  createdBy: hostId,
  createdAt: "2026-01-25T20:15:04.120Z",
  expiresAt: "2026-02-01T20:15:04.120Z",
  isActive: true,
  usageCount: 0,
};
const byRoom = {
  PK: roomId,
  SK: "INVITE#K7Q2ZD",
  inviteCode: "K7Q2ZD",
  createdAt: "2026-01-25T20:15:04.120Z",
  expiresAt: "2026-02-01T20:15:04.120Z",
  isActive: true,
};

test("an invitation of G1 is reported once, by the row under its code, with its seven days", () => {
  expect(eventsFrom(table, inserted(byCode))).toEqual([
    {
      eventType: "invite_created",
      timestamp: "2026-01-25T20:15:04.120Z",
      userId: hostId,
      roomId,
      generation: "G1",
      properties: { codeLength: 6, validForMs: 7 * 86_400_000 },
    },
  ]);
  expect(eventsFrom(table, inserted(byRoom))).toBe("second_copy");
});

test("it has the id of the same code on the room, and neither shows the code", () => {
  const { events } = mapRecord(inserted(byCode), { tableName: table, facts: null, keepTestRows: false });
  expect(idsOf({ events, skipped: null })).toEqual([factId("invite", "K7Q2ZD", roomId)]);
  expect(JSON.stringify(events)).not.toContain("K7Q2ZD");
});

test("uses and the end of an invitation are not reported", () => {
  expect(eventsFrom(table, modified(byCode, { usageCount: 1 }))).toBe("untold_change");
  expect(eventsFrom(table, removed(byCode))).toBe("untold_removal");
  expect(eventsFrom(table, inserted({ ...byCode, SK: "OTHER" }))).toBe("unknown_row");
  expect(eventsFrom(table, inserted({ PK: "K7Q2ZD", SK: "INVITE" }))).toBe("missing_id");
});
