import { describe, expect, test } from "vitest";
import { type ParseRules, parseEvent } from "./parse-event.ts";

const nowMs = Date.UTC(2026, 10, 22, 20, 16);
const rules: ParseRules = { nowMs, eventAgeMaxMs: 7 * 86_400_000 };

const vote = {
  eventId: "0198f3c2-7c1e-7d6a-8a51-0a4f7b7c9d10",
  eventType: "vote_content",
  timestamp: "2026-11-22T20:15:04.120Z",
  userId: "b2e5a4c4-1001-70aa-8c11-aa00bb11cc22",
  roomId: "7c1d3f0a-5b7e-4c55-9a41-2f6f0f5e8b11",
  sessionId: "s-41",
  properties: { contentId: "movie:862", vote: "like", genres: ["animation", "comedy"], mediaType: "movie", recommended: false },
  context: { platform: "android", deviceType: "phone", appVersion: "3.2.0", locale: "es-ES", userAgent: "...", ipAddress: "203.0.113.9" },
  source: { system: "app", generation: "G2" },
};

function parsed(changes: Record<string, unknown>, underRules = rules) {
  const result = parseEvent({ ...vote, ...changes }, underRules);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.rejection)}`);
  return result;
}

function rejection(candidate: unknown, underRules = rules) {
  const result = parseEvent(candidate, underRules);
  if (result.ok) throw new Error("was accepted");
  return result.rejection;
}

const changed = (changes: Record<string, unknown>) => ({ ...vote, ...changes });
const withProperties = (properties: Record<string, unknown>) => changed({ properties: { ...vote.properties, ...properties } });
const typed = (eventType: string, properties: unknown = {}) => changed({ eventType, properties });

describe("an event in the form of the contract", () => {
  test("is accepted with all its fields", () => {
    const { timestamp: _, ...said } = vote;
    expect(parsed({})).toEqual({ ok: true, event: { ...said, timestampMs: Date.UTC(2026, 10, 22, 20, 15, 4, 120) }, droppedProperties: 0 });
  });

  test.each([
    ["vote_content", { contentId: "movie:862", vote: "skip", genres: [], mediaType: "movie", recommended: true, position: 0, dwellMs: 1 }],
    ["room_created", { seats: 3, mediaType: "tv", genres: ["drama"] }],
    ["join_room", { seatsTaken: 2 }],
    ["join_room", {}],
    ["leave_room", {}],
    ["room_started", {}],
    ["match_found", { contentId: "movie:862" }],
    ["consensus_achieved", { contentId: "tv:456" }],
    ["no_consensus", {}],
    ["room_completed", {}],
    ["user_login", { method: "google" }],
    ["user_logout", {}],
    ["view_match", { contentId: "movie:862" }],
    ["share_content", { channel: "whatsapp" }],
    ["share_content", { contentId: "movie:862", channel: "copy" }],
    ["request_ai_recommendation", {}],
    ["title_shown", { contentId: "movie:862", position: 4 }],
    ["screen_view", { screen: "/room/[id]" }],
    ["error_occurred", { code: "TIMEOUT" }],
  ])("%s %j is accepted as it stands", (eventType, properties) => {
    expect(parsed({ eventType, properties }).event.properties).toEqual(properties);
  });

  test("an amount that sums could not take is refused", () => {
    const offers = (titleCount: number) => parseEvent(typed("room_created", { titleCount }), rules).ok;
    expect([offers(100_000), offers(100_001)]).toEqual([true, false]);
  });

  test("properties, ids, context and source may be absent", () => {
    const bare = { eventId: "1", eventType: "user_logout", timestamp: nowMs };
    expect(parseEvent(bare, rules)).toEqual({
      ok: true,
      event: {
        eventId: "1",
        eventType: "user_logout",
        timestampMs: nowMs,
        userId: null,
        roomId: null,
        sessionId: null,
        properties: {},
        context: {},
        source: { system: "unknown" },
      },
      droppedProperties: 0,
    });
  });
});

describe("eventId", () => {
  test.each([undefined, null])("%j is missing", (eventId) => {
    expect(rejection(changed({ eventId }))).toMatchObject({ code: "missing_event_id", eventId: null, path: "eventId" });
  });

  test.each(["", "x".repeat(65), "a\nb", "a\u0000b", "año", "\ud800", 7, true, ["a"], { id: "a" }])(
    "%j is no id and is not repeated",
    (eventId) => {
      expect(rejection(changed({ eventId }))).toMatchObject({ code: "invalid_event_id", eventId: null, path: "eventId" });
    },
  );

  test.each(["a", "x".repeat(64), "match:7c1d3f0a", "../../etc/passwd", "tenant#1:event#2", " ~"])("%j is an opaque id", (eventId) => {
    expect(parsed({ eventId }).event.eventId).toBe(eventId);
  });
});

describe("eventType", () => {
  test.each(["nothing_known", "", "__proto__", "constructor", "VOTE_CONTENT", undefined, null, 7, ["vote_content"]])(
    "%j is not in the catalogue",
    (eventType) => {
      expect(rejection(changed({ eventType }))).toMatchObject({ code: "unknown_event_type", eventId: vote.eventId, path: "eventType" });
    },
  );

  test.each([
    ["content_voted", "vote_content", vote.properties],
    ["room_joined", "join_room", {}],
    ["room_left", "leave_room", {}],
    ["user_register", "user_registered", {}],
    ["ai_recommendation_requested", "request_ai_recommendation", {}],
  ])("the alias %s becomes %s", (eventType, canonical, properties) => {
    expect(parsed({ eventType, properties }).event.eventType).toBe(canonical);
  });
});

describe("timestamp", () => {
  test.each(["yesterday", true, undefined, "2026-02-30T00:00:00Z"])("%j is refused", (timestamp) => {
    expect(rejection(changed({ timestamp }))).toMatchObject({ code: "invalid_timestamp", path: "timestamp" });
  });

  test("an event of exactly the maximum age is accepted, one a millisecond older is too old", () => {
    const oldestMs = nowMs - rules.eventAgeMaxMs;
    expect(parsed({ timestamp: oldestMs }).event.timestampMs).toBe(oldestMs);
    expect(rejection(changed({ timestamp: oldestMs - 1 }))).toMatchObject({ code: "too_old", path: "timestamp" });
  });

  test("an event may be five minutes ahead and no more", () => {
    const latestMs = nowMs + 300_000;
    expect(parsed({ timestamp: latestMs }).event.timestampMs).toBe(latestMs);
    expect(rejection(changed({ timestamp: latestMs + 1 }))).toMatchObject({ code: "too_new", path: "timestamp" });
  });

  test("an import accepts events of any age", () => {
    const timestamp = "1995-07-01T04:00:01Z";
    const { event } = parsed({ timestamp }, { nowMs, eventAgeMaxMs: Number.POSITIVE_INFINITY });
    expect(event.timestampMs).toBe(Date.parse(timestamp));
  });
});

describe.each(["userId", "roomId", "sessionId"])("%s", (name) => {
  test.each(["", "x".repeat(257), "a\u0000b", "a\r\nb", "a\u0085b", "\ud800", "x\udc00y", 7, true, ["a"], {}])(
    "%j is rejected with its path",
    (id) => {
      expect(rejection(changed({ [name]: id }))).toMatchObject({ code: "invalid_field", path: name });
    },
  );

  test.each(["x", "x".repeat(256), "1770063304120-k3f9a2bq1x", "niña 😀", "e\u0301"])("%j is kept as it is", (id) => {
    expect(parsed({ [name]: id }).event).toMatchObject({ [name]: id });
  });

  test("null means that there is none", () => {
    expect(parsed({ [name]: null }).event).toMatchObject({ [name]: null });
  });
});

describe("context and source", () => {
  test.each([
    ["context", "android", "context"],
    ["context", ["android"], "context"],
    ["context", { platform: 7 }, "context.platform"],
    ["context", { locale: ["es"] }, "context.locale"],
    ["context", { appVersion: "x".repeat(65) }, "context.appVersion"],
    ["context", { userAgent: "x".repeat(1_025) }, "context.userAgent"],
    ["context", { ipAddress: "203.0.113.9\r\nX: y" }, "context.ipAddress"],
    ["context", { ageBand: "\ud800" }, "context.ageBand"],
    ["source", 7, "source"],
    ["source", { system: {} }, "source.system"],
    ["source", { generation: 2 }, "source.generation"],
    ["source", { component: "x".repeat(65) }, "source.component"],
  ])("%s %j is refused at %3$s", (field, value, path) => {
    expect(rejection(changed({ [field]: value }))).toMatchObject({ code: "invalid_field", path });
  });

  test("null and empty values are unknown, which does not reject the event", () => {
    const { event } = parsed({ context: { platform: null, locale: "", appVersion: "3.2.0" }, source: null });
    expect(event).toMatchObject({ context: { appVersion: "3.2.0" }, source: { system: "unknown" } });
    expect(parsed({ context: null }).event.context).toEqual({});
  });

  test("unknown keys are ignored", () => {
    const { event } = parsed({ context: { platform: "ios", deviceFingerprint: "f" }, source: { component: "c", secret: "s" } });
    expect(event).toMatchObject({ context: { platform: "ios" }, source: { system: "unknown", component: "c" } });
    expect(JSON.stringify(event)).not.toContain("deviceFingerprint");
    expect(JSON.stringify(event)).not.toContain("secret");
  });
});

test("a sender cannot set our own fields: unknown envelope keys are ignored", () => {
  const text = `{"tenantId":"t","receivedAt":1,"receivedAtMs":1,"rowid":1,"role":"admin","__proto__":{"role":"admin"},${JSON.stringify(vote).slice(1)}`;
  const result = parseEvent(JSON.parse(text), rules);
  expect(result).toEqual(parsed({}));
  expect("role" in {}).toBe(false);
});

describe("properties", () => {
  test.each([[null], ["x"], [7], [[]], [true]])("%j is no object", (properties) => {
    expect(rejection(changed({ properties }))).toMatchObject({ code: "invalid_field", path: "properties" });
  });

  test.each([
    ["an unknown property", "favouriteColour", "properties.favouriteColour"],
    ["a name that objects have", "toJSON", "properties.toJSON"],
    ["a name that promises have", "then", "properties.then"],
    ["hasOwnProperty", "hasOwnProperty", "properties.hasOwnProperty"],
    ["constructor", "constructor", "properties.constructor"],
    ["an empty name", "", 'properties[""]'],
    ["a dotted name", "a.b", 'properties["a.b"]'],
    ["a name with a quote and a line break", 'a"\n', 'properties["a??"]'],
    ["a long name", "x".repeat(1_000), `properties["${"x".repeat(64)}..."]`],
  ])("%s is rejected by its name", (_, name, path) => {
    expect(rejection(withProperties({ [name]: "x" }))).toMatchObject({ code: "unknown_property", path });
  });

  test("__proto__ among the properties rejects that event and changes nothing", () => {
    const text = JSON.stringify(vote).replace('"properties":{', '"properties":{"__proto__":{"polluted":true},');
    expect(rejection(JSON.parse(text))).toMatchObject({ code: "unknown_property", eventId: vote.eventId, path: "properties.__proto__" });
    expect("polluted" in {}).toBe(false);
  });

  test.each([
    [{ vote: "love" }, "properties.vote"],
    [{ vote: 1 }, "properties.vote"],
    [{ genres: "comedy" }, "properties.genres"],
    [{ genres: ["comedy", "drama", 7] }, "properties.genres[2]"],
    [{ genres: ["comedy", "a\u0000b"] }, "properties.genres[1]"],
    [{ genres: ["\ud800"] }, "properties.genres[0]"],
    [{ genres: Array(21).fill("x") }, "properties.genres"],
    [{ mediaType: "MOVIE" }, "properties.mediaType"],
    [{ recommended: "false" }, "properties.recommended"],
    [{ recommended: null }, "properties.recommended"],
    [{ position: -1 }, "properties.position"],
    [{ position: 1.5 }, "properties.position"],
    [{ position: 2 ** 53 }, "properties.position"],
    [{ position: Number.POSITIVE_INFINITY }, "properties.position"],
    [{ dwellMs: Number.NaN }, "properties.dwellMs"],
    [{ contentId: "a b" }, "properties.contentId"],
    [{ contentId: 862 }, "properties.contentId"],
    [{ contentId: "user-finished" }, "properties.contentId"],
  ])("%j is rejected with the path %s", (properties, path) => {
    expect(rejection(withProperties(properties))).toMatchObject({ code: "invalid_property", path });
  });

  test("a number that JSON cannot represent is rejected, not stored as infinity", () => {
    const candidate = JSON.parse(JSON.stringify(typed("performance_metric", { value: 1 })).replace('"value":1', '"value":1e400'));
    expect(rejection(candidate)).toMatchObject({ code: "invalid_property", path: "properties.value" });
  });

  test("a missing property is reported as required", () => {
    expect(rejection(typed("vote_content", { contentId: "movie:1" }))).toMatchObject({ path: "properties.vote", message: "is required" });
    expect(rejection(changed({ properties: undefined }))).toMatchObject({ code: "invalid_property", path: "properties.contentId" });
  });

  test("an additive type drops unlisted properties and counts them", () => {
    const result = parseEvent(typed("theme_rated", { rating: 4, themeId: "t-1", userName: "Ana" }), rules);
    expect(result).toMatchObject({ ok: true, droppedProperties: 2, event: { properties: { rating: 4 } } });
    expect(JSON.stringify(result)).not.toContain("Ana");
  });

  test("an additive type still rejects listed properties with a wrong value, and names that could reach a prototype", () => {
    expect(rejection(typed("theme_rated", { rating: "4" }))).toMatchObject({ code: "invalid_property", path: "properties.rating" });
    const polluted = JSON.parse(JSON.stringify(typed("theme_rated", { a: 1 })).replace('"a":1', '"__proto__":{}'));
    expect(rejection(polluted)).toMatchObject({ code: "unknown_property", path: "properties.__proto__" });
  });
});

test("a span may last a week and no longer: durations are summed, and the sum must stay exact", () => {
  const week = 7 * 86_400_000_000;
  const lasting = (durationUs: number) => {
    const ids = { traceId: "a".repeat(32), spanId: "b".repeat(16) };
    return typed("span", { service: "s", kind: "server", failed: false, durationUs, ...ids });
  };
  expect(parseEvent(lasting(week), rules)).toMatchObject({ ok: true });
  expect(rejection(lasting(week + 1))).toMatchObject({ code: "invalid_property", path: "properties.durationUs" });
});

describe("contentId", () => {
  test("a bare number is qualified by the event's media type", () => {
    expect(parsed({ properties: { contentId: "862", vote: "like", mediaType: "movie" } }).event.properties["contentId"]).toBe("movie:862");
    expect(parsed(typed("view_match", { contentId: "862", mediaType: "tv" })).event.properties["contentId"]).toBe("tv:862");
  });

  test("a bare number without a media type is rejected, because a film and a series may share it", () => {
    expect(rejection(typed("view_match", { contentId: "862" }))).toMatchObject({ code: "invalid_property", path: "properties.contentId" });
  });

  test("a qualified id does not imply a media type", () => {
    expect(parsed(typed("view_match", { contentId: "movie:862" })).event.properties).toEqual({ contentId: "movie:862" });
  });

  test("an id of another source stays as it is", () => {
    expect(parsed(typed("view_match", { contentId: "tt0114709" })).event.properties).toEqual({ contentId: "tt0114709" });
  });
});

describe("a rejection", () => {
  test.each([[null], [7], ["x"], [true], [[vote]], [undefined]])("of %j says that it is not an object", (candidate) => {
    expect(rejection(candidate)).toEqual({ code: "not_an_object", eventId: null, path: "", message: "must be an object" });
  });

  test("never repeats a value", () => {
    const secret = "ana@example.org";
    const candidates = [
      changed({ eventId: `${secret}\n` }),
      changed({ eventType: secret }),
      changed({ timestamp: secret }),
      changed({ userId: `${secret}\n` }),
      changed({ context: { platform: `${secret}\n` } }),
      withProperties({ vote: secret }),
      withProperties({ genres: [`${secret}\n`] }),
      withProperties({ unknown: secret }),
    ];
    for (const candidate of candidates) expect(JSON.stringify(rejection(candidate))).not.toContain(secret);
  });

  test("names the first problem only", () => {
    expect(rejection({ eventId: "1", eventType: "vote_content", timestamp: "x", userId: 7, properties: 7 })).toMatchObject({
      path: "timestamp",
    });
  });

  test("of a list of a million items names its length only: the items are not checked", () => {
    const genres = Array(1_000_000).fill(1);
    expect(rejection(withProperties({ genres })).message).toBe("must have at most 20 items");
  });
});

describe("a sequence", () => {
  test.each([0, 7, Number.MAX_SAFE_INTEGER])("%d is kept", (sequence) => {
    expect(parsed({ sequence }).event.sequence).toBe(sequence);
  });

  test.each([undefined, null])("%s means that there is none", (sequence) => {
    expect(parsed({ sequence }).event).not.toHaveProperty("sequence");
  });

  test.each([-1, 1.5, "7", true, [], Number.MAX_SAFE_INTEGER + 1])("%j is rejected with its path", (sequence) => {
    expect(rejection(changed({ sequence }))).toMatchObject({ code: "invalid_field", path: "sequence" });
  });
});
