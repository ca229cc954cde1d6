import { describe, expect, test } from "vitest";
import { type DefectRates, noDefects } from "./defects.ts";
import type { EventBody, SimulatedMessage } from "./message.ts";
import { eventsOf, ofType, simulated, timeOf } from "./simulated-events.testing.ts";

const withDefect = (defect: Partial<DefectRates>): DefectRates => ({ ...noDefects, ...defect });

describe("a defect", () => {
  const repeatsOf = (messages: readonly SimulatedMessage[]) =>
    [...Map.groupBy(eventsOf(messages), (event) => event.eventId).values()].filter((same) => same.length > 1);

  test("of none repeats no event", () => {
    expect(repeatsOf(simulated({}))).toEqual([]);
  });

  test("of duplicate delivery repeats the id with the same content", () => {
    const repeats = repeatsOf(simulated({ defects: withDefect({ duplicateDeliveries: 0.2 }) }));
    expect(repeats.length).toBeGreaterThan(50);
    for (const [first, ...others] of repeats) for (const other of others) expect(other).toEqual(first);
  });

  test("of stream copies tells the same fact under the same id from another source", () => {
    const repeats = repeatsOf(simulated({ defects: withDefect({ streamCopies: 1 }) }));
    expect(repeats.length).toBeGreaterThan(50);
    for (const [first, copy] of repeats) {
      expect([first?.source.system, copy?.source.system]).toEqual(["app", "stream"]);
      expect(copy?.sessionId).toBeUndefined();
      const { eventType, timestamp, userId, roomId } = first ?? {};
      expect(copy).toMatchObject({ eventType, timestamp, userId, roomId });
      expect(first?.properties).toMatchObject(copy?.properties ?? {});
    }
  });

  test("of late sessions delivers hours later what happened before", () => {
    const late = simulated({ defects: withDefect({ lateSessions: 0.3 }) }).filter(
      (message) => message.kind === "event" && message.deliverAtMs - timeOf(message.event) >= 3_600_000,
    );
    expect(late.length).toBeGreaterThan(50);
  });

  test("of order lets later events overtake within a session", () => {
    const bySession = (defects: DefectRates) => [
      ...Map.groupBy(
        eventsOf(simulated({ defects })).filter((event) => event.source.system === "app"),
        (event) => event.sessionId,
      ).values(),
    ];
    const overtaken = (own: readonly EventBody[]) =>
      own.some((event, index) => index > 0 && timeOf(event) < timeOf(own[index - 1] as EventBody));
    expect(bySession(noDefects).filter(overtaken)).toEqual([]);
    expect(bySession(withDefect({ outOfOrder: 0.2 })).filter(overtaken).length).toBeGreaterThan(10);
  });

  test("of like-only rooms leaves dislikes out and reports votes by the stream", () => {
    const votes = ofType(eventsOf(simulated({ defects: withDefect({ likeOnlyRooms: 1 }) })), "vote_content");
    expect(votes.length).toBeGreaterThan(50);
    expect(new Set(votes.map((vote) => `${vote.properties["vote"]} ${vote.source.system}`))).toEqual(new Set(["like stream"]));
  });

  test("of the emergency list offers 49 titles that nobody can finish", () => {
    const events = eventsOf(simulated({ defects: withDefect({ emergencyListRooms: 1 }) }));
    expect(new Set(ofType(events, "room_created").map((event) => event.properties["titleCount"]))).toEqual(new Set([49]));
    expect(ofType(events, "member_finished")).toEqual([]);
    expect(ofType(events, "no_consensus")).toEqual([]);
  });

  test("of missing seats creates rooms without a capacity", () => {
    const created = ofType(eventsOf(simulated({ defects: withDefect({ missingSeatsRooms: 1 }) })), "room_created");
    expect(created.length).toBeGreaterThan(10);
    expect(created.filter((event) => "seats" in event.properties)).toEqual([]);
  });

  test("of test rows names rooms and people as Trinity's tests do", () => {
    const events = eventsOf(simulated({ defects: withDefect({ testRooms: 1 }) })).filter((event) => event.roomId !== undefined);
    expect(events.length).toBeGreaterThan(100);
    expect(events.filter((event) => !event.roomId?.startsWith("test-") || !(event.userId ?? "test-user").startsWith("test-user"))).toEqual(
      [],
    );
  });
});
