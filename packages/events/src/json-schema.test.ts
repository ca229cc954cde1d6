import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyReportedEvent, candidateOf } from "./event-arbitrary.testing.ts";
import { batchSchema } from "./json-schema.ts";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, formats: { "date-time": true } });
const isBatch = ajv.compile(batchSchema());
const event = { eventId: "1", eventType: "match_found", timestamp: 1, properties: { contentId: "movie:1" } };
const isEvent = (changes: Record<string, unknown>) => isBatch({ events: [{ ...event, ...changes }] });

test("any batch of valid events satisfies the schema", () => {
  fc.assert(
    fc.property(fc.array(anyReportedEvent, { maxLength: 5 }), (events) => {
      expect(isBatch({ events: events.map(candidateOf) }), JSON.stringify(isBatch.errors)).toBe(true);
    }),
  );
});

test("an alias is valid in place of the name", () => {
  expect(isEvent({ eventType: "title_exhausted", properties: {} })).toBe(true);
});

test("a type without required properties may leave them all out", () => {
  expect(isBatch({ events: [{ eventId: "1", eventType: "user_logout", timestamp: "2026-11-22T20:15:04Z" }] })).toBe(true);
});

test("an additive type may have more properties than are listed", () => {
  expect(isEvent({ eventType: "theme_rated", properties: { themeId: "t" } })).toBe(true);
});

test.each([
  ["an unknown type", { eventType: "nothing_known" }],
  ["an unknown property", { properties: { contentId: "movie:1", colour: "red" } }],
  ["a missing property", { properties: {} }],
  ["missing properties", { properties: undefined }],
  ["a property of another type", { properties: { contentId: 1 } }],
  ["a missing id", { eventId: undefined }],
  ["an id of the wrong form", { userId: 7 }],
  ["a context of the wrong form", { context: { platform: 7 } }],
])("%s does not satisfy the schema", (_, changes) => {
  expect(isBatch(JSON.parse(JSON.stringify({ events: [{ ...event, ...changes }] })))).toBe(false);
});
