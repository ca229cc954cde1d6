import type { ReportedEvent } from "@trinity/events/event";
import { describe, expect, test } from "vitest";
import { anonymiseEvent } from "./anonymise-event.ts";
import { eventKeyOf } from "./event-key.ts";
import { createPseudonymiser } from "./pseudonym.ts";

const pseudonymiser = createPseudonymiser(new Uint8Array(32).fill(7));
const reported: ReportedEvent = {
  eventId: "0198f3c2-7c1e-7d6a-8a51-0a4f7b7c9d10",
  eventType: "vote_content",
  timestampMs: 1_000,
  userId: "b2e5a4c4-1001-70aa-8c11-aa00bb11cc22",
  roomId: "room-9",
  sessionId: "s-41",
  properties: { contentId: "movie:862", vote: "like" },
  context: { platform: "android", userAgent: "Trinity-Mobile-App/1.0", ipAddress: "203.0.113.9" },
  source: { system: "app" },
};

describe("anonymising an event", () => {
  const { event } = anonymiseEvent(reported, 2_000, pseudonymiser);

  test("nothing that names a person is left in it", () => {
    const text = JSON.stringify(event);
    for (const raw of [reported.userId, reported.roomId, "s-41", "203.0.113.9", "Trinity-Mobile-App"]) expect(text).not.toContain(raw);
  });

  test("what happened, when and where is kept", () => {
    expect(event).toMatchObject({
      timestampMs: 1_000,
      receivedAtMs: 2_000,
      properties: reported.properties,
      context: { platform: "android" },
    });
    expect(event.context).toEqual({ platform: "android" });
  });

  test("an event id that is built from a person's id becomes a pseudonym, and still has the same key", () => {
    const eventId = `vote:room-9:${reported.userId}:862`.slice(0, 64);
    const anonymous = anonymiseEvent({ ...reported, eventId }, 2_000, pseudonymiser);
    expect(anonymous.event.eventId).toMatch(/^e_[a-z2-7]{26}$/);
    expect(anonymous.key).toEqual(eventKeyOf(eventId, pseudonymiser));
  });
});

describe("a pseudonym", () => {
  test("is the same for the same id, and another for another kind, another id, another case and another key", () => {
    const other = createPseudonymiser(new Uint8Array(32).fill(8));
    const all = [
      pseudonymiser.pseudonymOf("user", "ana"),
      pseudonymiser.pseudonymOf("room", "ana"),
      pseudonymiser.pseudonymOf("user", "Ana"),
      other.pseudonymOf("user", "ana"),
    ];
    expect(new Set(all.map((id) => id.slice(2))).size).toBe(4);
    expect(pseudonymiser.pseudonymOf("user", "ana")).toBe(all[0]);
  });

  test("is the same for composed and decomposed spellings of an id", () => {
    expect(pseudonymiser.pseudonymOf("user", "jose\u0301")).toBe(pseudonymiser.pseudonymOf("user", "jos\u00e9"));
  });

  test("survives being pushed out of memory by other ids", () => {
    const before = pseudonymiser.pseudonymOf("user", "ana");
    for (let i = 0; i < 50_000; i++) pseudonymiser.pseudonymOf("user", `user-${i}`);
    expect(pseudonymiser.pseudonymOf("user", "ana")).toBe(before);
  });

  test("is of its own kind also when it is recalled from the older ids", () => {
    const pseudonyms = () => (["user", "room", "session"] as const).map((kind) => pseudonymiser.pseudonymOf(kind, "bea"));
    const before = pseudonyms();
    for (let i = 0; i < 20_000; i++) pseudonymiser.pseudonymOf("user", `another-${i}`);
    expect(pseudonyms()).toEqual(before);
  });

  test("a key of less than 256 bits is refused", () => {
    expect(() => createPseudonymiser(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe("the key of an event id", () => {
  test("a canonical UUID is its own bytes; another spelling of it is another id", () => {
    expect(eventKeyOf(reported.eventId, pseudonymiser).toString("hex")).toBe(reported.eventId.replaceAll("-", ""));
    expect(eventKeyOf(reported.eventId.toUpperCase(), pseudonymiser)).not.toEqual(eventKeyOf(reported.eventId, pseudonymiser));
  });
});
