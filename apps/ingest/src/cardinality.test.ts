import type { StoredEvent } from "@trinity/events/event";
import { expect, test } from "vitest";
import { createCardinality } from "./cardinality.ts";

const event = (platform: string, genres: string[] = []): StoredEvent => ({
  eventId: "e",
  eventType: "vote_content",
  timestampMs: 1,
  receivedAtMs: 1,
  userId: null,
  roomId: null,
  sessionId: null,
  properties: { contentId: "movie:1", vote: "like", genres },
  context: { platform },
  source: { system: "app" },
});

test("values beyond a dimension's limit count as other and are counted themselves; those known stay", () => {
  const cardinality = createCardinality();
  for (let i = 0; i < 100; i++) expect(cardinality.limit(event(`p${i}`)).context.platform).toBe(`p${i}`);
  expect(cardinality.limit(event("one too many")).context.platform).toBe("other");
  expect(cardinality.limit(event("p7")).context.platform).toBe("p7");
  expect([...cardinality.overflowed]).toEqual([["platform", 1]]);
});

test("genres are limited one by one, titles not at all", () => {
  const cardinality = createCardinality();
  for (let i = 0; i < 1_000; i++) cardinality.limit(event("p", [`g${i}`]));
  const limited = cardinality.limit({
    ...event("p", ["g1", "new"]),
    properties: { contentId: "movie:99999", vote: "like", genres: ["g1", "new"] },
  });
  expect(limited.properties).toEqual({ contentId: "movie:99999", vote: "like", genres: ["g1", "other"] });
});
