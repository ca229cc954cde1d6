import { expect, test } from "vitest";
import { eventsFrom, hostId, inserted, modified, removed, roomId, takenMs } from "../stream-records.testing.ts";

const connection = {
  connectionId: "1769890504120-9x2kq",
  userId: hostId,
  roomId,
  connectedAt: "2026-01-31T20:15:04.120Z",
  lastPingAt: "2026-01-31T20:15:04.120Z",
  isActive: true,
};

test("a connection opens and closes; pings are not reported", () => {
  const about = { eventType: "connection_changed", userId: hostId, roomId, generation: "G3" };
  const takenAt = new Date(takenMs).toISOString();
  const table = "trinity-connections-dev";
  expect(eventsFrom(table, inserted(connection))).toEqual([
    { ...about, timestamp: "2026-01-31T20:15:04.120Z", properties: { status: "connected" } },
  ]);
  expect(eventsFrom(table, modified(connection, { lastPingAt: takenAt }))).toBe("untold_change");
  expect(eventsFrom(table, modified(connection, { isActive: false }))).toEqual([
    { ...about, timestamp: takenAt, properties: { status: "disconnected" } },
  ]);
  expect(eventsFrom(table, removed(connection))).toMatchObject([{ properties: { status: "disconnected" } }]);
  expect(eventsFrom(table, removed({ ...connection, isActive: false }))).toBe("untold_removal");
});
