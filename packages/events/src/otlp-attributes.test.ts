import fc from "fast-check";
import { expect, test } from "vitest";
import { anyReportedEvent } from "./event-arbitrary.testing.ts";
import { type EventLogRecord, eventOfLogRecord } from "./otlp-attributes.ts";
import { parseEvent } from "./parse-event.ts";

const rules = { nowMs: Date.UTC(2027, 0), eventAgeMaxMs: Number.POSITIVE_INFINITY };
const timeMs = Date.UTC(2026, 10, 22);
const record: EventLogRecord = { eventName: "leave_room", timeMs, attributes: {}, resource: {}, fallbackEventId: "log:1" };

function parsed(changes: Partial<EventLogRecord>) {
  const result = parseEvent(eventOfLogRecord({ ...record, ...changes }), rules);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.rejection)}`);
  return result.event;
}

test("an event that any SDK sends becomes the same event as over JSON", () => {
  const event = parsed({
    eventName: "vote_content",
    attributes: {
      "event.id": "e-1",
      "user.id": "u-1",
      "session.id": "s-1",
      "trinity.room.id": "r-1",
      contentId: "movie:862",
      vote: "like",
      genres: ["comedy"],
    },
    resource: { "service.name": "trinity-app", "service.version": "3.2.0", "os.name": "android" },
  });
  expect(event).toEqual({
    eventId: "e-1",
    eventType: "vote_content",
    timestampMs: timeMs,
    userId: "u-1",
    roomId: "r-1",
    sessionId: "s-1",
    properties: { contentId: "movie:862", vote: "like", genres: ["comedy"] },
    context: { platform: "android", appVersion: "3.2.0" },
    source: { system: "otel", component: "trinity-app" },
  });
});

test("the plain names of the JSON envelope are understood as well", () => {
  const attributes = { eventId: "e-1", userId: "u-1", sessionId: "s-1", roomId: "r-1", "context.platform": "ios", locale: "es-ES" };
  expect(parsed({ attributes })).toMatchObject({ eventId: "e-1", userId: "u-1", sessionId: "s-1", roomId: "r-1", properties: {} });
  expect(parsed({ attributes }).context).toEqual({ platform: "ios", locale: "es-ES" });
});

test("the record takes precedence over its resource, and the earlier name over the later", () => {
  const attributes = { "enduser.id": "later", "user.id": "earlier", "app.version": "from the record" };
  const event = parsed({ attributes, resource: { "user.id": "resource", "context.appVersion": "from the resource" } });
  expect(event).toMatchObject({ userId: "earlier", context: { appVersion: "from the record" } });
});

test("a record without an event id gets the one that its receiver derives", () => {
  expect(parsed({}).eventId).toBe("log:1");
});

test("the source may be an attribute of its own", () => {
  const attributes = { "trinity.source.system": "lambda", "trinity.source.generation": "G2", "trinity.source.component": "vote" };
  expect(parsed({ attributes, resource: { "service.name": "x" } }).source).toEqual({
    system: "lambda",
    generation: "G2",
    component: "vote",
  });
  expect(parsed({}).source).toEqual({ system: "otel" });
});

test("an id or version that came as a number is the text of that number", () => {
  expect(parsed({ attributes: { "user.id": 42 }, resource: { "service.version": 3 } })).toMatchObject({
    userId: "42",
    context: { appVersion: "3" },
  });
});

test("attributes that an SDK adds by itself are no properties", () => {
  expect(parsed({ attributes: { "code.function": "leave", "thread.id": 7, "session.previous_id": "s-0" } }).properties).toEqual({});
});

test("an attribute that is no property of the event rejects it", () => {
  expect(parseEvent(eventOfLogRecord({ ...record, attributes: { colour: "red" } }), rules)).toMatchObject({
    ok: false,
    rejection: { code: "unknown_property", path: "properties.colour" },
  });
});

test("an attribute called __proto__ rejects the event and changes nothing", () => {
  const attributes = JSON.parse('{"__proto__": "x"}');
  expect(parseEvent(eventOfLogRecord({ ...record, attributes }), rules)).toMatchObject({
    ok: false,
    rejection: { path: "properties.__proto__" },
  });
});

test("the properties of any event are the same after they were sent as attributes", () => {
  fc.assert(
    fc.property(anyReportedEvent, ({ eventType, timestampMs, properties }) => {
      const event = parsed({ eventName: eventType, timeMs: timestampMs, attributes: properties });
      expect(event).toMatchObject({ eventType, timestampMs });
      expect(event.properties).toEqual(properties);
    }),
  );
});
