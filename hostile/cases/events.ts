import { events, http } from "../case-builders.ts";
import { problem, stored } from "../expectations.ts";
import type { HostileCase } from "../hostile-case.ts";
import { canary, type HostileContext } from "../hostile-context.ts";
import { ordinaryEvent } from "../ordinary-event.ts";

/** Rows 45 and 49 to 58 for `/v1/events`: ids, text and time. */

const rejected = (
  row: string,
  name: string,
  changes: (context: HostileContext) => Readonly<Record<string, unknown>>,
  code: string,
): HostileCase =>
  events(
    row,
    name,
    (context) => [ordinaryEvent(context, changes(context)), ordinaryEvent(context)],
    stored({ accepted: 1, rejected: [code] }),
  );
const accepted = (row: string, name: string, changes: (context: HostileContext) => Readonly<Record<string, unknown>>): HostileCase =>
  events(row, name, (context) => [ordinaryEvent(context, changes(context))], stored({ accepted: 1 }));

const invalidIds: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["65 characters", "x".repeat(65)],
  ["10 KB", "x".repeat(10_000)],
  ["NUL", "a\0b"],
  ["CR and LF", "a\r\nb"],
  ["a tab", "a\tb"],
  ["DEL", "a\x7fb"],
  ["a letter beyond ASCII", "é"],
  ["an emoji", "🎬"],
  ["a lone surrogate", "\ud800"],
  ["a zero-width space", "a\u200bb"],
  ["an override of direction", "\u202egnp"],
];
const opaqueIds = [
  "../",
  "../../etc/passwd",
  "tenant#1:event#2",
  "' OR 1=1 --",
  "%00",
  "%2e%2e",
  "a/b/c",
  "a?b=c#d",
  "..",
  ".",
  "{}",
  "__proto__",
  "constructor",
  "null",
  "0",
  "-1",
  " ",
  "a b",
  "\\",
  '"',
  "`id`",
  "$(id)",
  "${7*7}",
  "{{7*7}}",
  "<script>",
  "=1+1",
  "span:0:0",
  "metric:x",
];
const eventIds = [
  ...invalidIds.map(([name, eventId]) => rejected("49", `an id of ${name}`, () => ({ eventId }), "invalid_event_id")),
  // With a prefix of the run, so that the table can run twice on the same data.
  ...opaqueIds.map((id) =>
    accepted("49", `an id of ${JSON.stringify(id)} is opaque`, (context) => ({ eventId: `${context.newHex(6)}${id}` })),
  ),
  ...["..", ".", "%2e", "a/b", "a%2fb", "?", "#"].map((eventId) =>
    accepted("49", `the id ${JSON.stringify(eventId)} alone is opaque`, () => ({ eventId })),
  ),
  accepted("49", "an id of 64 characters", (context) => ({ eventId: context.newEventId().padEnd(64, "~") })),
  ...["userId", "roomId", "sessionId"].flatMap((field) => [
    rejected("49", `an empty ${field}`, () => ({ [field]: "" }), "invalid_field"),
    rejected("49", `a ${field} of 10 KB`, () => ({ [field]: "x".repeat(10_000) }), "invalid_field"),
    rejected("49", `a ${field} with NUL`, () => ({ [field]: "a\0b" }), "invalid_field"),
    rejected("49", `a ${field} with CR and LF`, () => ({ [field]: "a\r\nb" }), "invalid_field"),
    accepted("49", `a ${field} like a key`, () => ({ [field]: "user#1:room#2/../*" })),
    accepted("49", `a ${field} of a prototype`, () => ({ [field]: "__proto__" })),
  ]),
  http("49", "the status of an impossible id", () => ({ method: "GET", path: `/v1/events/${"%C3%A9"}/status` }), problem(400)),
  http("49", "the status of an id of 65 characters", () => ({ method: "GET", path: `/v1/events/${"x".repeat(65)}/status` }), problem(400)),
  http("49", "the status of an empty id", () => ({ method: "GET", path: "/v1/events//status" }), problem([400, 404])),
];

const others: readonly (readonly [string, unknown])[] = [
  ["an object", { canary }],
  ["a list", [canary]],
  ["true", true],
  ["a number", 1],
];
const otherTypes = [
  ...others.map(([name, eventId]) => rejected("50", `${name} as the event id`, () => ({ eventId }), "invalid_event_id")),
  rejected("50", "null as the event id", () => ({ eventId: null }), "missing_event_id"),
  ...["userId", "roomId", "sessionId"].flatMap((field) =>
    others.map(([name, value]) => rejected("50", `${name} as ${field}`, () => ({ [field]: value }), "invalid_field")),
  ),
  ...others.map(([name, eventType]) => rejected("50", `${name} as the event type`, () => ({ eventType }), "unknown_event_type")),
  ...others
    .filter(([name]) => name !== "a number")
    .map(([name, timestamp]) => rejected("50", `${name} as the time`, () => ({ timestamp }), "invalid_timestamp")),
  accepted("50", "null as user, room and session", () => ({ userId: null, roomId: null, sessionId: null })),
];

const spellings = [
  events(
    "51",
    "event ids that differ in case are different",
    (context) => {
      const eventId = context.newEventId();
      return [ordinaryEvent(context, { eventId }), ordinaryEvent(context, { eventId: eventId.toUpperCase() })];
    },
    stored({ accepted: 2 }),
  ),
  events(
    "51",
    "a UUID in capitals is another id",
    (context) => {
      const hex = context.newHex(16);
      const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-").replace(/^./, "a");
      return [ordinaryEvent(context, { eventId: uuid }), ordinaryEvent(context, { eventId: uuid.toUpperCase() })];
    },
    stored({ accepted: 2 }),
  ),
  events(
    "51",
    "ids that differ by a space are different",
    (context) => {
      const eventId = context.newEventId();
      return [ordinaryEvent(context, { eventId }), ordinaryEvent(context, { eventId: `${eventId} ` })];
    },
    stored({ accepted: 2 }),
  ),
  accepted("51", "a user in NFC", () => ({ userId: "Zo\u00eb" })),
  accepted("51", "the same user in NFD", () => ({ userId: "Zoe\u0308" })),
  accepted("51", "a user of characters that grow when they are composed", () => ({ userId: "\ufdfa".repeat(256) })),
  accepted("51", "a user of 256 marks on one letter", () => ({ userId: `a${"\u0301".repeat(255)}` })),
];

const lone = ["\ud800", "\udc00", "a\udbffb", "\udc00\ud800"];
const surrogates = [
  ...lone.flatMap((text) => [
    rejected("52", `${escape(text)} as a user`, () => ({ userId: text }), "invalid_field"),
    rejected("52", `${escape(text)} as a session`, () => ({ sessionId: text }), "invalid_field"),
    rejected("52", `${escape(text)} as a platform`, () => ({ context: { platform: text } }), "invalid_field"),
    rejected("52", `${escape(text)} as a source`, () => ({ source: { system: text } }), "invalid_field"),
    rejected(
      "52",
      `${escape(text)} as a genre`,
      () => ({ properties: { contentId: "movie:1", vote: "like", genres: [text] } }),
      "invalid_property",
    ),
    rejected(
      "52",
      `${escape(text)} as an unknown property`,
      () => ({ properties: { contentId: "movie:1", vote: "like", [text]: 1 } }),
      "unknown_property",
    ),
  ]),
  accepted("52", "a noncharacter is text", () => ({ userId: "\ufffe\uffff" })),
];

function escape(text: string): string {
  return JSON.stringify(text);
}

const deceptive = [
  "\u202eevil\u202c",
  "\u2066a\u2069",
  "a\u200bb\u200d",
  "раураl",
  "Z̸̢͖a̷l̴g̵o̶",
  "\ufeff",
  "\u2028\u2029",
  "ﷺ",
  "\u{e0041}\u{e0042}",
  "\u00ad",
  "\u{1f468}\u200d\u{1f469}",
  "i\u0307",
];
const deceptions = deceptive.map((text) =>
  accepted("53", `${escape(text)} is text`, () => ({
    userId: text,
    roomId: text,
    context: { platform: text, locale: text },
    properties: { contentId: "movie:1", vote: "like", genres: [text] },
  })),
);

const forged = ["\x1b[2J\x1b[31mroot", 'a\r\n{"level":60,"msg":"owned"}', "a\u0085b", "a\u009b31mb"];
const forgeries = [
  ...forged.flatMap((text) => [
    rejected("54", `${escape(text)} as a room`, () => ({ roomId: text }), "invalid_field"),
    rejected("54", `${escape(text)} as a locale`, () => ({ context: { locale: text } }), "invalid_field"),
    rejected(
      "54",
      `${escape(text)} as a genre`,
      () => ({ properties: { contentId: "movie:1", vote: "like", genres: [text] } }),
      "invalid_property",
    ),
  ]),
  accepted("54", "a log line as text", () => ({ userId: '{"level":"fatal","msg":"owned"}', context: { platform: '","level":60' } })),
  accepted("54", "a format string as text", () => ({ userId: "%s%s%n %d ${jndi:ldap://example.org/a}" })),
];

const noTimes = [
  "yesterday",
  "",
  "now",
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-00-10T00:00:00Z",
  "2026-01-00T00:00:00Z",
  "2026-01-01T25:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:60:00Z",
  "2026-01-01T00:00:60Z",
  "2016-12-31T23:59:60Z",
  "2026-01-01T00:00:00+99:99",
  "2026-01-01T00:00:00+24:00",
  "2026-01-01T00:00:00",
  "2026-01-01",
  "2026-01-01 00:00:00Z",
  "20260101T000000Z",
  "2026-W01-1T00:00:00Z",
  "999999-01-01T00:00:00Z",
  "+002026-01-01T00:00:00Z",
  "-2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00 Z",
  " 2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00Z\n",
  "2026-01-01T00:00:00.Z",
  "2026-01-01T00:00:00,5Z",
  "٢٠٢٦-٠١-٠١T00:00:00Z",
  "1760000000000",
  `2026-01-01T00:00:00.${"9".repeat(100_000)}`,
];
const badTimes = [
  ...noTimes.map((timestamp) => rejected("55", JSON.stringify(timestamp.slice(0, 40)), () => ({ timestamp }), "invalid_timestamp")),
  ...(
    [
      ["true", true],
      ["null", null],
      ["1.5", 1.5],
      ["1e20", 1e20],
      ["-1e20", -1e20],
      ["an object", { $date: "2026-01-01T00:00:00Z" }],
      ["a list of a time", ["2026-01-01T00:00:00Z"]],
    ] as const
  ).map(([name, timestamp]) => rejected("55", name, () => ({ timestamp }), "invalid_timestamp")),
];
const fractions = accepted("55", "100,000 digits of a second are dropped", ({ nowMs }) => ({
  timestamp: new Date(nowMs()).toISOString().replace(/\.\d+Z/, `.${"9".repeat(100_000)}Z`),
}));

const agoMs = 60_000;
const units = [
  accepted("56", "a number is Unix milliseconds", ({ nowMs }) => ({ timestamp: nowMs() - agoMs })),
  rejected("56", "seconds are milliseconds long ago", ({ nowMs }) => ({ timestamp: Math.floor(nowMs() / 1_000) }), "too_old"),
  rejected("56", "microseconds are beyond the calendar", ({ nowMs }) => ({ timestamp: nowMs() * 1_000 }), "invalid_timestamp"),
  rejected("56", "nanoseconds are beyond the calendar", ({ nowMs }) => ({ timestamp: nowMs() * 1_000_000 }), "invalid_timestamp"),
  rejected("56", "0 is 1970", () => ({ timestamp: 0 }), "too_old"),
  rejected("56", "-1 is 1969", () => ({ timestamp: -1 }), "too_old"),
  accepted("56", "lower-case t and z", ({ nowMs }) => ({ timestamp: new Date(nowMs() - agoMs).toISOString().toLowerCase() })),
  accepted("56", "an offset of +14:00", ({ nowMs }) => ({
    timestamp: new Date(nowMs() - agoMs + 14 * 3_600_000).toISOString().replace("Z", "+14:00"),
  })),
  accepted("56", "an offset of -00:00", ({ nowMs }) => ({ timestamp: new Date(nowMs() - agoMs).toISOString().replace("Z", "-00:00") })),
  accepted("56", "nanoseconds of RFC 3339 are dropped", ({ nowMs }) => ({
    timestamp: new Date(nowMs() - agoMs).toISOString().replace("Z", "456789Z"),
  })),
  events(
    "56",
    "one instant in two offsets is one time",
    ({ nowMs, ...context }) => {
      const instant = nowMs() - agoMs;
      const eventId = context.newEventId();
      const at = (timestamp: string | number) => ordinaryEvent({ nowMs, ...context }, { eventId, timestamp });
      return [at(new Date(instant).toISOString()), at(new Date(instant + 3_600_000).toISOString().replace("Z", "+01:00")), at(instant)];
    },
    stored({ accepted: 1, duplicates: 2 }),
  ),
];

const dayMs = 86_400_000;
const far: readonly (readonly [string, number, string | null])[] = [
  ["6 days ago", -6 * dayMs, null],
  ["8 days ago", -8 * dayMs, "too_old"],
  ["40 days ago", -40 * dayMs, "too_old"],
  ["10 years ago", -3_653 * dayMs, "too_old"],
  ["in 4 minutes", 4 * 60_000, null],
  ["in 10 minutes", 10 * 60_000, "too_new"],
  ["in 23 hours", 23 * 3_600_000, "too_new"],
  ["in 10 years", 3_653 * dayMs, "too_new"],
];
const farTimes = far.map(([name, offsetMs, code]) => {
  const changes = ({ nowMs }: HostileContext) => ({ timestamp: new Date(nowMs() + offsetMs).toISOString() });
  return code === null ? accepted("57", name, changes) : rejected("57", name, changes, code);
});
const edges = [
  rejected("57", "the first instant of the calendar", () => ({ timestamp: "0000-01-01T00:00:00Z" }), "too_old"),
  rejected("57", "the last instant of the calendar", () => ({ timestamp: "9999-12-31T23:59:59.999Z" }), "too_new"),
  rejected("57", "an offset that leaves the calendar", () => ({ timestamp: "9999-12-31T23:59:59-23:59" }), "invalid_timestamp"),
];

const trips = [
  "a".repeat(100_000),
  `${"a".repeat(50_000)}!`,
  " ".repeat(100_000),
  "(".repeat(50_000),
  `${"1".repeat(90_000)}x`,
  `${"0-".repeat(40_000)}`,
  "@".repeat(100_000),
  `a@${"a.".repeat(40_000)}`,
  `http://${"a/".repeat(40_000)}`,
  `${"2026-".repeat(15_000)}`,
];
const fieldsScanned: readonly (readonly [string, (text: string) => Readonly<Record<string, unknown>>, string])[] = [
  ["eventId", (text) => ({ eventId: text }), "invalid_event_id"],
  ["eventType", (text) => ({ eventType: text }), "unknown_event_type"],
  ["timestamp", (text) => ({ timestamp: text }), "invalid_timestamp"],
  ["userId", (text) => ({ userId: text }), "invalid_field"],
  ["userAgent", (text) => ({ context: { userAgent: text } }), "invalid_field"],
  ["contentId", (text) => ({ properties: { contentId: text, vote: "like" } }), "invalid_property"],
  ["genres", (text) => ({ properties: { contentId: "movie:1", vote: "like", genres: [text] } }), "invalid_property"],
  ["a property's name", (text) => ({ properties: { contentId: "movie:1", vote: "like", [text]: 1 } }), "unknown_property"],
];
const regularExpressions = fieldsScanned.flatMap(([field, changes, code]) =>
  trips
    .slice(0, field === "timestamp" || field === "contentId" ? trips.length : 5)
    .map((text) =>
      events(
        "58",
        `${field} of ${escape(text.slice(0, 8))} and so on`,
        (context) => [ordinaryEvent(context, changes(text))],
        stored({ rejected: [code] }),
        1_000,
      ),
    ),
);

const again = [
  events(
    "45",
    "an event twice in a batch counts once",
    (context) => {
      const event = ordinaryEvent(context);
      return [event, event, event];
    },
    stored({ accepted: 1, duplicates: 2 }),
  ),
  events(
    "45",
    "the same id with other content counts once",
    (context) => {
      const event = ordinaryEvent(context);
      return [event, { ...event, userId: "another" }, { ...event, eventType: "room_created", properties: {} }];
    },
    stored({ accepted: 1, duplicates: 2 }),
  ),
  events(
    "45",
    "the same id from two sources counts once",
    (context) => {
      const event = ordinaryEvent(context);
      return [event, { ...event, source: { system: "lambda" } }];
    },
    stored({ accepted: 1, duplicates: 1 }),
  ),
  events(
    "45",
    "an id that was rejected is accepted when its event is valid",
    (context) => {
      const event = ordinaryEvent(context);
      return [{ ...event, eventType: "nonsense" }, event];
    },
    stored({ accepted: 1, rejected: ["unknown_event_type"] }),
  ),
];

export const eventCases: readonly HostileCase[] = [
  ...again,
  ...eventIds,
  ...otherTypes,
  ...spellings,
  ...surrogates,
  ...deceptions,
  ...forgeries,
  ...badTimes,
  fractions,
  ...units,
  ...farTimes,
  ...edges,
  ...regularExpressions,
];
