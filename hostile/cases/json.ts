import { body, events, http, otlpJson } from "../case-builders.ts";
import { either, otlpAccepted, problem, stored } from "../expectations.ts";
import type { HostileCase } from "../hostile-case.ts";
import { canary, type HostileContext } from "../hostile-context.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";
import { jsonSpan } from "../otlp-body.ts";

/** Rows 22 to 32: valid and invalid JSON. */

const mebibyte = 1024 * 1024;
const none = [
  "",
  " ",
  "{",
  "}",
  "[",
  '{"events":',
  '{"events":[}',
  '{"events":[],}',
  '{"events":[,]}',
  "{'events':[]}",
  "{events:[]}",
  '{"events":[NaN]}',
  '{"events":[Infinity]}',
  '{"events":[undefined]}',
  '{"events":[01]}',
  '{"events":[.5]}',
  '{"events":[1.]}',
  '{"events":[+1]}',
  '{"events":[0x10]}',
  '{"events":[]} // comment',
  '/* comment */ {"events":[]}',
  '{"events":[]}{"events":[]}',
  '{"events":["\\x41"]}',
  '{"events":["\\u12"]}',
  '{"events":["a\nb"]}',
  "\\u007b}",
  `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file://${"/etc/passwd"}">]><events>&b;</events>`,
  "events[0][eventId]=1",
  `${canary}`,
  "--- !!js/function 'return 1'",
].map((text) => body("22", JSON.stringify(text.slice(0, 50)), () => text, problem(400)));
const notOtlp = ["", "{", "[]", '"text"', "null", "1"].map((text) =>
  http("22", `${JSON.stringify(text)} as OTLP`, () => ({ path: "/v1/traces", otlp: "json", body: text }), problem(400)),
);

const deep = (name: string, text: () => string, path = "/v1/events", statuses: readonly number[] = [400]) =>
  http(
    "23",
    `${name}${path === "/v1/events" ? "" : `, to ${path}`}`,
    () => ({ path, body: text(), ...(path === "/v1/events" ? {} : { otlp: "json" }) }),
    problem(statuses),
    3_000,
  );
const depths = [65, 1_000, 10_000, 100_000].flatMap((depth) => [
  deep(`${depth} lists`, () => `{"events":${"[".repeat(depth)}${"]".repeat(depth)}}`),
  deep(`${depth} lists, never closed`, () => "[".repeat(depth)),
  deep(`${depth} objects`, () => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
  deep(`${depth} objects as properties`, () => `{"events":[{"properties":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}]}`),
]);
const deeper = [500_000, 8_000_000].flatMap((depth) => [
  deep(`${depth} lists`, () => `[${"[".repeat(depth)}${"]".repeat(depth)}]`, "/v1/traces", [400]),
  deep(`${depth} lists, never closed`, () => "[".repeat(depth), "/v1/logs", [400]),
  deep(`${depth / 4} objects`, () => `${'{"a":'.repeat(depth / 4)}1${"}".repeat(depth / 4)}`, "/v1/metrics", [400]),
]);
const depthBehindText = [
  deep("brackets after an escaped quote", () => `{"a":"\\\\","events":${"[".repeat(1_000)}${"]".repeat(1_000)}}`),
  deep("brackets after a key of quotes", () => `{"\\"":1,"events":${"[".repeat(1_000)}${"]".repeat(1_000)}}`),
];
const bracketsInText = events(
  "23",
  "brackets in a text do not count as depth",
  (context) => [ordinaryEvent(context, { userId: "[".repeat(200) })],
  stored({ accepted: 1 }),
);

/** NDJSON has independent lines: a bracket must close in its own line. */
const lines = (
  name: string,
  make: (context: HostileContext) => { lines: readonly string[]; storedIds?: readonly string[] },
  expect: Parameters<typeof http>[3],
  row = "23",
) =>
  http(
    row,
    `NDJSON: ${name}`,
    (context) => {
      const made = make(context);
      return {
        headers: { "content-type": "application/x-ndjson" },
        body: made.lines.join("\n"),
        records: made.lines.length,
        ...(made.storedIds === undefined ? {} : { storedIds: made.storedIds }),
      };
    },
    expect,
    3_000,
  );
const goodLine = (context: HostileContext) => {
  const event = ordinaryEvent(context);
  return { line: JSON.stringify(event), storedIds: [event.eventId] };
};
const ndjson = [
  lines("a quote that never closes hides no depth", () => ({ lines: ['"', `${"[".repeat(100_000)}${"]".repeat(100_000)}`] }), problem(400)),
  lines(
    "70 lines with an extra bracket are rejected one by one",
    (context) => {
      const { line, storedIds } = goodLine(context);
      return { lines: [...new Array<string>(70).fill("["), line], storedIds };
    },
    stored({ accepted: 1, rejected: new Array<string>(70).fill("not_json") }),
    "31",
  ),
  lines(
    "a line that is not JSON among valid ones",
    (context) => {
      const [first, second] = [goodLine(context), goodLine(context)];
      return { lines: [first.line, "{", second.line], storedIds: [...first.storedIds, ...second.storedIds] };
    },
    stored({ accepted: 2, rejected: ["not_json"] }),
    "31",
  ),
  lines("1,001 lines", () => ({ lines: new Array<string>(1_001).fill("{}") }), problem(413), "24"),
];

const many = (name: string, text: () => string, statuses: readonly number[] = [400, 413]) =>
  body("24", name, text, problem(statuses), 5_000);
const manyOtlp = (name: string, text: () => string) =>
  http("24", name, () => ({ path: "/v1/traces", otlp: "json", body: text() }), problem([400, 413]), 8_000);
const repeated = (text: string, bytes: number) => text.repeat(Math.floor(bytes / text.length));
const manyValues = [
  many("340,000 empty objects", () => `{"events":[${repeated("{},", mebibyte - 20)}{}]}`),
  many("200,000 nulls", () => `{"events":[${repeated("null,", mebibyte - 20)}null]}`),
  many("500,000 digits", () => `{"events":[${repeated("1,", mebibyte - 20)}1]}`),
  many("1,001 events", () => `{"events":[${repeated("{},", 3_000)}{}]}`, [413]),
  manyOtlp("5 million empty objects to OTLP", () => `{"resourceSpans":[${repeated("{},", 15 * mebibyte)}{}]}`),
  manyOtlp("5 million empty lists to OTLP", () => `{"a":[${repeated("[],", 15 * mebibyte)}[]]}`),
  manyOtlp("8 million digits to OTLP", () => `{"resourceSpans":[${repeated("1,", 16 * mebibyte)}1]}`),
  manyOtlp("4 million nulls to OTLP", () => `{"resourceSpans":[${repeated("null,", 19 * mebibyte)}null]}`),
  manyOtlp("1.5 million keys to OTLP", () => `{"resourceSpans":1,${Array.from({ length: 1_500_000 }, (_, n) => `"k${n}":0`).join()}}`),
  manyOtlp(
    "1.5 million keys like integers to OTLP",
    () => `{"resourceSpans":1,${Array.from({ length: 1_500_000 }, (_, n) => `"${n * 97}":0`).join()}}`,
  ),
  manyOtlp("700,000 objects with one key to OTLP", () => `{"resourceSpans":[${repeated('{"a":{"b":0}},', 10 * mebibyte)}1]}`),
];
const manyKeys = (name: string, key: (n: number) => string) =>
  body(
    "24",
    name,
    (context) => batchOf([{ ...ordinaryEvent(context), ...Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [key(n), n])) }]),
    stored({ accepted: 1 }),
  );
const keys = [
  manyKeys("50,000 unknown keys of an event", (n) => `k${n}`),
  manyKeys("50,000 keys of an event that look like integers", (n) => String(n * 97)),
  events(
    "24",
    "30,000 unknown properties",
    (context) => [ordinaryEvent(context, { properties: Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`k${n}`, n])) })],
    stored({ rejected: ["unknown_property"] }),
  ),
  events(
    "24",
    "a list of 100,000 genres",
    (context) => [ordinaryEvent(context, { properties: { contentId: "movie:1", vote: "like", genres: new Array(100_000).fill("a") } })],
    stored({ rejected: ["invalid_property"] }),
  ),
  events(
    "24",
    "1,000 bad events",
    () => new Array(1_000).fill({}),
    stored({ rejected: new Array<string>(1_000).fill("missing_event_id") }),
  ),
  events(
    "24",
    "1,000 bad events with long ids",
    (context) => Array.from({ length: 1_000 }, () => ({ eventId: context.newEventId().padEnd(64, "x") })),
    stored({ rejected: new Array<string>(1_000).fill("unknown_event_type") }),
  ),
];

/** As text, because an object literal would set a prototype. */
const withText = (row: string, name: string, text: string, expect: Parameters<typeof body>[3]) =>
  http(
    row,
    name,
    (context) => {
      const [bad, good] = [ordinaryEvent(context), ordinaryEvent(context)];
      const badText = JSON.stringify(bad).replace('"properties":{', `"properties":{${text}`);
      return { body: `{"events":[${badText},${JSON.stringify(good)}]}`, records: 2, storedIds: [good.eventId] };
    },
    expect,
  );
const oneRejected = stored({ accepted: 1, rejected: ["unknown_property"] });
const prototypes = [
  withText("25", "__proto__ among the properties", `"__proto__":{"vote":"like"},`, oneRejected),
  withText("25", "an escaped __proto__", `"\\u005f_proto__":{"admin":true},`, oneRejected),
  withText("25", "constructor.prototype", `"constructor":{"prototype":{"admin":true}},`, oneRejected),
  withText("25", "prototype", `"prototype":{"admin":true},`, oneRejected),
  withText("25", "superjson's way to name prototypes", `"json":{},"meta":{"values":{"__proto__.admin":["undefined"]}},`, oneRejected),
  body("25", "__proto__ as the batch", () => '{"__proto__":{"events":[]}}', problem(400)),
  http(
    "25",
    "__proto__ beside the events",
    (context) => {
      const event = ordinaryEvent(context);
      return { body: `{"__proto__":{"polluted":1},"events":[${JSON.stringify(event)}]}`, storedIds: [event.eventId], records: 1 };
    },
    stored({ accepted: 1 }),
  ),
  http(
    "25",
    "__proto__ in place of each field of an event",
    (context) => {
      const { eventId, ...rest } = ordinaryEvent(context);
      return { body: `{"events":[{"eventId":"${eventId}","__proto__":${JSON.stringify(rest)}}]}`, records: 1 };
    },
    stored({ rejected: ["unknown_event_type"] }),
  ),
  http(
    "25",
    "__proto__ as the context",
    (context) => ({
      body: `{"events":[${JSON.stringify(ordinaryEvent(context)).replace('"platform"', '"__proto__":{"platform":"x"},"platform"')}]}`,
      records: 1,
    }),
    stored({ accepted: 1 }),
  ),
  events(
    "25",
    "an event type named like a prototype",
    (context) => ["__proto__", "constructor", "toString", "hasOwnProperty"].map((eventType) => ordinaryEvent(context, { eventType })),
    stored({ rejected: new Array<string>(4).fill("unknown_event_type") }),
  ),
  otlpJson(
    "25",
    "__proto__ as an attribute of a span",
    "traces",
    (context) => [jsonSpan(context, { attributes: [{ key: "__proto__", value: { stringValue: "x" } }] }), jsonSpan(context)],
    either(otlpAccepted(), otlpAccepted({ rejected: 1, code: "bad_key" })),
  ),
];

const methodKeys = ["then", "toJSON", "hasOwnProperty", "valueOf", "toString", "$where", "$ne", "a.b", "", "length", "constructor"];
const methodNames = [
  ...methodKeys.map((key) =>
    events(
      "26",
      `${JSON.stringify(key)} beside the properties is ignored`,
      (context) => [ordinaryEvent(context, { [key]: { vote: "x" } })],
      stored({ accepted: 1 }),
    ),
  ),
  ...methodKeys.map((key) =>
    events(
      "26",
      `${JSON.stringify(key)} among the properties is refused alone`,
      (context) => [ordinaryEvent(context, { properties: { contentId: "movie:1", vote: "like", [key]: 1 } }), ordinaryEvent(context)],
      oneRejected,
    ),
  ),
  ...methodKeys.map((key) => body("26", `${JSON.stringify(key)} as the batch`, () => JSON.stringify({ [key]: [] }), problem(400))),
  events(
    "26",
    "texts with these names are data",
    (context) =>
      methodKeys.filter((key) => key !== "").map((key) => ordinaryEvent(context, { userId: key, roomId: key, context: { platform: key } })),
    stored({ accepted: methodKeys.length - 1 }),
  ),
];

const duplicateKeys = [
  http(
    "27",
    "of two event ids the last is used",
    (context) => {
      const [first, last] = [context.newEventId(), context.newEventId()];
      const text = JSON.stringify(ordinaryEvent(context, { eventId: last })).replace("{", `{"eventId":"${first}",`);
      return { body: `{"events":[${text}]}`, records: 1, storedIds: [last], unknownIds: [first] };
    },
    stored({ accepted: 1 }),
  ),
  http(
    "27",
    "of two lists of events the last is used",
    (context) => {
      const [first, last] = [ordinaryEvent(context), ordinaryEvent(context)];
      return {
        body: `{"events":[${JSON.stringify(first)}],"events":[${JSON.stringify(last)}]}`,
        records: 1,
        storedIds: [last.eventId],
        unknownIds: [first.eventId],
      };
    },
    stored({ accepted: 1 }),
  ),
  http(
    "27",
    "of a valid and an invalid vote the last is used",
    (context) => ({
      body: `{"events":[${JSON.stringify(ordinaryEvent(context)).replace('"vote":"like"', '"vote":"like","vote":"love"')}]}`,
      records: 1,
    }),
    stored({ rejected: ["invalid_property"] }),
  ),
];

const withNumber = (name: string, text: string, expect: Parameters<typeof body>[3]) =>
  http(
    "28",
    name,
    (context) => {
      const event = ordinaryEvent(context, { properties: { contentId: "movie:1", vote: "like", dwellMs: 424_242 } });
      return { body: batchOf([event]).replace("424242", text), records: 1, storedIds: [event.eventId] };
    },
    expect,
  );
const badNumber = stored({ rejected: ["invalid_property"] });
const numbers = [
  withNumber("1e400", "1e400", badNumber),
  withNumber("-1e400", "-1e400", badNumber),
  withNumber("a million digits", "9".repeat(1_000_000), badNumber),
  withNumber("2^53", "9007199254740992", badNumber),
  withNumber("2^53 + 1", "9007199254740993", badNumber),
  withNumber("2^53 - 1 is kept", "9007199254740991", stored({ accepted: 1 })),
  withNumber("-0 is zero", "-0", stored({ accepted: 1 })),
  withNumber("a negative time", "-1", badNumber),
  withNumber("half a millisecond", "0.5", badNumber),
  withNumber("1e-400 is zero", "1e-400", stored({ accepted: 1 })),
  withNumber("1E3 is a thousand", "1E3", stored({ accepted: 1 })),
  withNumber("a number in quotes", '"1"', badNumber),
  withNumber("null where a number may be", "null", badNumber),
  withNumber("true where a number may be", "true", badNumber),
];

const encoded = (name: string, make: (batch: string) => Buffer, expect: Parameters<typeof body>[3], isStored = false) =>
  http(
    "29",
    name,
    (context) => {
      const event = ordinaryEvent(context, { userId: "MARK" });
      return { body: make(batchOf([event])), ...(isStored ? { storedIds: [event.eventId] } : { unknownIds: [event.eventId] }) };
    },
    expect,
  );
const withBytes = (hex: string) => (batch: string) => {
  const [before, after] = batch.split("MARK") as [string, string];
  return Buffer.concat([Buffer.from(before), Buffer.from(hex, "hex"), Buffer.from(after)]);
};
const characterEncodings = [
  encoded("a byte that is never in UTF-8", withBytes("ff"), problem(400)),
  encoded("an incomplete character", withBytes("e282"), problem(400)),
  encoded("an overlong slash", withBytes("c0af"), problem(400)),
  encoded("a surrogate in UTF-8", withBytes("eda080"), problem(400)),
  encoded("a code point beyond Unicode", withBytes("f4908080"), problem(400)),
  encoded("a raw NUL", withBytes("00"), problem(400)),
  encoded("a raw escape", withBytes("1b"), problem(400)),
  encoded("Latin-1", (batch) => Buffer.from(batch.replace("MARK", "é"), "latin1"), problem(400)),
  encoded("UTF-16, little-endian", (batch) => Buffer.from(batch, "utf16le"), problem(400)),
  encoded("UTF-16 with a byte order mark", (batch) => Buffer.from(`\uFEFF${batch}`, "utf16le"), problem(400)),
  encoded("NUL after the batch", (batch) => Buffer.from(`${batch}\0`), problem(400)),
  encoded("a byte order mark is skipped", (batch) => Buffer.from(`\uFEFF${batch}`), stored({ accepted: 1 }), true),
  encoded("two byte order marks", (batch) => Buffer.from(`\uFEFF\uFEFF${batch}`), problem(400)),
  encoded("a byte order mark inside", (batch) => Buffer.from(batch.replace("[", "[\uFEFF")), problem(400)),
  encoded(
    "characters beyond the basic plane are data",
    (batch) => Buffer.from(batch.replace("MARK", "🎬👩‍👩‍👧")),
    stored({ accepted: 1 }),
    true,
  ),
];

const noLists = ["{}", '"text"', '{"length":4294967295}', "1", "null", "true", '{"0":{}}'].map((value) =>
  body("30", `events as ${value}`, () => `{"events":${value}}`, problem(400)),
);
const noBatch = ["{}", '{"Events":[]}', '{"event":{}}', "null", "true", "1", '"events"', '{"data":{"events":[]}}'].map((value) =>
  body("30", `${value} as the batch`, () => value, problem(400)),
);
const emptyBatches = ['{"events":[]}', "[]"].map((value) => body("30", `${value} is an empty batch`, () => value, stored({})));

const brokenOne: readonly (readonly [string, unknown, string])[] = [
  ["null", null, "not_an_object"],
  ["a list", [], "not_an_object"],
  ["a text", canary, "not_an_object"],
  ["a number", 1, "not_an_object"],
  ["an empty object", {}, "missing_event_id"],
  ["an event without a type", { eventId: "no-type" }, "unknown_event_type"],
];
const among = [
  ...brokenOne.map(([name, broken, code]) =>
    events(
      "31",
      `${name} among good events`,
      (context) => [ordinaryEvent(context), broken, ordinaryEvent(context)],
      stored({ accepted: 2, rejected: [code] }),
    ),
  ),
  ...(
    [
      ["an unknown property", { properties: { contentId: "movie:1", vote: "like", mood: canary } }, "unknown_property"],
      ["an unknown vote", { properties: { contentId: "movie:1", vote: canary } }, "invalid_property"],
      ["a missing property", { properties: { vote: "like" } }, "invalid_property"],
      ["properties as a list", { properties: [canary] }, "invalid_field"],
      ["properties as a text", { properties: canary }, "invalid_field"],
      ["properties of null", { properties: null }, "invalid_field"],
      ["a context of text", { context: canary }, "invalid_field"],
      ["a platform of a list", { context: { platform: [canary] } }, "invalid_field"],
      ["a source of text", { source: canary }, "invalid_field"],
      ["a genre of an object", { properties: { contentId: "movie:1", vote: "like", genres: [{ canary }] } }, "invalid_property"],
      ["a bare number as a title without its kind", { properties: { contentId: "862", vote: "like" } }, "invalid_property"],
      ["a sentinel as a title", { properties: { contentId: "no-more-movies", vote: "like" } }, "invalid_property"],
    ] as const
  ).map(([name, changes, code]) =>
    events(
      "31",
      `${name} among good events`,
      (context) => [ordinaryEvent(context), ordinaryEvent(context, changes), ordinaryEvent(context)],
      stored({ accepted: 2, rejected: [code] }),
    ),
  ),
];

const ours = events(
  "32",
  "fields that only the server may set are ignored",
  (context) => [
    ordinaryEvent(context, {
      tenantId: "other",
      receivedAt: 0,
      receivedAtMs: 0,
      rowid: 1,
      seq: 1,
      key: "x",
      role: "admin",
      state: "erased",
    }),
  ],
  stored({ accepted: 1 }),
);
const ourNames = events(
  "32",
  "fields that only the server may set are not properties",
  (context) =>
    ["tenantId", "receivedAtMs", "rowid", "role"].map((name) =>
      ordinaryEvent(context, { properties: { contentId: "movie:1", vote: "like", [name]: 1 } }),
    ),
  stored({ rejected: new Array<string>(4).fill("unknown_property") }),
);

export const jsonCases: readonly HostileCase[] = [
  ...none,
  ...notOtlp,
  ...depths,
  ...deeper,
  ...depthBehindText,
  bracketsInText,
  ...ndjson,
  ...manyValues,
  ...keys,
  ...prototypes,
  ...methodNames,
  ...duplicateKeys,
  ...numbers,
  ...characterEncodings,
  ...noLists,
  ...noBatch,
  ...emptyBatches,
  ...among,
  ours,
  ourNames,
];
