import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { anyReportedEvent, candidateOf } from "./event-arbitrary.testing.ts";
import { rejectionCodes } from "./event-rejection.ts";
import { parseEvent } from "./parse-event.ts";

const rules = { nowMs: Date.UTC(2027, 0), eventAgeMaxMs: Number.POSITIVE_INFINITY };
const runsPerType = 50;
const decoded = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("Feature: analytics-system, Property 1: event tracking completeness - an event of any type is accepted with its type, time, user, room, session and context unchanged", () => {
  fc.assert(
    fc.property(anyReportedEvent, (event) => {
      expect(parseEvent(decoded(candidateOf(event)), rules)).toEqual({ ok: true, event, droppedProperties: 0 });
    }),
    { numRuns: runsPerType * catalogue.length },
  );
});

const envelopeNames = ["eventId", "eventType", "timestamp", "userId", "roomId", "sessionId", "properties", "context", "source"];
const propertyNames = [...new Set(catalogue.flatMap(({ fields }) => Object.keys(fields)))];
const anyName = fc.oneof(
  fc.constantFrom(...envelopeNames, "__proto__", "constructor", "platform", "system"),
  fc.constantFrom(...propertyNames),
  fc.string(),
);

test("Feature: analytics-system, Property 1: event tracking completeness - any JSON value is either accepted or rejected with a code and a path", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), expectVerdict), { numRuns: 300 });
});

test("a valid event with one field replaced by any JSON is either accepted or rejected with a code and a path", () => {
  const anyDamage = fc.record({
    name: anyName,
    value: fc.jsonValue({ stringUnit: "binary" }),
    within: fc.constantFrom("", "properties", "context", "source"),
  });
  fc.assert(
    fc.property(anyReportedEvent, anyDamage, (event, { name, value, within }) => {
      const candidate = candidateOf(event);
      const part = within === "" ? candidate : { ...(candidate[within] as object) };
      // As JSON.parse does: an own property, even with the name __proto__.
      Object.defineProperty(part, name, { value, enumerable: true, configurable: true, writable: true });
      expectVerdict(within === "" ? candidate : { ...candidate, [within]: part });
    }),
    { numRuns: 1_000 },
  );
});

function expectVerdict(candidate: unknown): void {
  const verdict = parseEvent(candidate, rules);
  if (verdict.ok) {
    expect(verdict.event.eventId).toMatch(/^[\x20-\x7e]{1,64}$/);
    expect(Number.isSafeInteger(verdict.event.timestampMs)).toBe(true);
    // An accepted event can be written and read again without loss, and reads the same the second time.
    expect(decoded(parseEvent(decoded(candidateOf(verdict.event)), rules))).toEqual(decoded({ ...verdict, droppedProperties: 0 }));
    return;
  }
  expect(rejectionCodes).toContain(verdict.rejection.code);
  expect(typeof verdict.rejection.path).toBe("string");
  expect(verdict.rejection.path.length).toBeLessThan(200);
  expect(verdict.rejection.message).not.toBe("");
}
