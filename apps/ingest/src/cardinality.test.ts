import { valuesMax } from "@trinity/events/dimension-limits";
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

test("a dimension that an event does not have takes none of its values", () => {
  const cardinality = createCardinality();
  const without = { ...event("p"), context: {} };
  expect(cardinality.limit(without)).toEqual({ ...without, properties: without.properties });
  for (let i = 0; i < 100; i++) expect(cardinality.limit(event(`p${i}`)).context.platform).toBe(`p${i}`);
  expect(cardinality.overflowed.size).toBe(0);
});

test("an event within all limits is not copied", () => {
  const taken = event("p", ["g1", "g2"]);
  expect(createCardinality().limit(taken)).toBe(taken);
});

test.each(Object.entries(valuesMax))("of %s, %i values are known and the next one counts as other", (name, max) => {
  const cardinality = createCardinality();
  const withValue = (value: string): StoredEvent => {
    if (name === "system") return { ...event("p"), source: { system: value } };
    if (name === "genre") return event("p", [value]);
    if (name === "service" || name === "route") return { ...event("p"), properties: { [name]: value } };
    return { ...event("p"), context: { [name]: value } };
  };
  for (let i = 0; i < max; i++) expect(cardinality.limit(withValue(`v${i}`))).toEqual(withValue(`v${i}`));
  expect(cardinality.limit(withValue("one too many"))).toEqual(withValue("other"));
  expect(cardinality.limit(withValue("v1"))).toEqual(withValue("v1"));
  expect([...cardinality.overflowed]).toEqual([[name, 1]]);
});

test("the bounds are those that the documents name", () => {
  expect(valuesMax).toEqual({
    service: 1_000,
    route: 5_000,
    system: 200,
    platform: 100,
    deviceType: 100,
    locale: 1_000,
    appVersion: 2_000,
    ageBand: 50,
    genre: 1_000,
  });
});

test("of an event that overflows in one dimension or in several, all others stay as they are", () => {
  const cardinality = createCardinality();
  const full = (i: number): StoredEvent => ({ ...event(`p${i}`), context: { platform: `p${i}`, deviceType: `d${i}`, locale: `l${i}` } });
  for (let i = 0; i < 100; i++) cardinality.limit(full(i));
  expect(cardinality.limit(full(100)).context).toEqual({ platform: "other", deviceType: "other", locale: "l100" });
  expect(cardinality.limit({ ...full(101), context: { ...full(101).context, deviceType: "d7" } }).context).toEqual({
    platform: "other",
    deviceType: "d7",
    locale: "l101",
  });
});
