import { grpcStream, http, observe } from "../case-builders.ts";
import { grpcEnds, problem, stored } from "../expectations.ts";
import { grpcFrame } from "../grpc-call.ts";
import type { Answer, HostileCase } from "../hostile-case.ts";
import type { HostileContext } from "../hostile-context.ts";
import { send } from "../http-request.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";

/** Rows 15, 65, 66 and 70: keys and permissions. They run last, because after many wrong keys further ones get 429. */

const otherCase = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
type Presented = (context: HostileContext) => { readonly headers?: Readonly<Record<string, string>>; readonly path?: string };
const presented: readonly (readonly [string, Presented])[] = [
  ["no key", () => ({})],
  ["one character missing", ({ ingestKey }) => ({ headers: { authorization: `Bearer ${ingestKey.slice(0, -1)}` } })],
  ["one extra character", ({ ingestKey }) => ({ headers: { authorization: `Bearer ${ingestKey}x` } })],
  ["its first half", ({ ingestKey }) => ({ headers: { "x-api-key": ingestKey.slice(0, ingestKey.length / 2) } })],
  ["in capitals", ({ ingestKey }) => ({ headers: { authorization: `Bearer ${otherCase(ingestKey)}` } })],
  ["in the query", ({ ingestKey }) => ({ path: `/v1/events?key=${ingestKey}&api_key=${ingestKey}&access_token=${ingestKey}` })],
  ["in a cookie", ({ ingestKey }) => ({ headers: { cookie: `authorization=Bearer ${ingestKey}; x-api-key=${ingestKey}` } })],
  [
    "as a basic credential",
    ({ ingestKey }) => ({ headers: { authorization: `Basic ${Buffer.from(`key:${ingestKey}`).toString("base64")}` } }),
  ],
  ["as a token of another scheme", ({ ingestKey }) => ({ headers: { authorization: `ApiKey ${ingestKey}` } })],
  ["without a scheme", ({ ingestKey }) => ({ headers: { authorization: ingestKey } })],
  ["twice in one header", ({ ingestKey }) => ({ headers: { authorization: `Bearer ${ingestKey}, Bearer ${ingestKey}` } })],
  [
    "beside another",
    ({ ingestKey }) => ({ headers: { authorization: `Bearer ${ingestKey}`, "x-api-key": "another-key-that-is-long-enough" } }),
  ],
  ["in quotes", ({ ingestKey }) => ({ headers: { authorization: `Bearer "${ingestKey}"` } })],
  ["an empty key", () => ({ headers: { authorization: "Bearer " } })],
  ["8,000 characters", () => ({ headers: { authorization: `Bearer ${"a".repeat(8_000)}` } })],
  ["the name of a prototype", () => ({ headers: { "x-api-key": "__proto__" } })],
  ["a made-up key of our form", () => ({ headers: { "x-api-key": `tk_aaaaaaaa_${"a".repeat(32)}` } })],
  ["a token without a signature", () => ({ headers: { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ." } })],
];
const almost = presented.flatMap(([name, make]) => [
  http(
    "65",
    `${name}, to /v1/events`,
    (context) => {
      const event = ordinaryEvent(context);
      return { key: null, body: batchOf([event]), unknownIds: [event.eventId], ...make(context) };
    },
    problem([401, 429]),
  ),
  http(
    "65",
    `${name}, to /v1/traces`,
    (context) => ({
      key: null,
      otlp: "json",
      body: "{}",
      ...make(context),
      path: make(context).path?.replace("events", "traces") ?? "/v1/traces",
    }),
    problem([401, 429]),
  ),
]);
const overGrpc = [
  grpcStream("65", "no key over gRPC", () => ({ key: null, signal: "traces", bytes: grpcFrame(Buffer.alloc(0)) }), grpcEnds(16)),
  grpcStream(
    "65",
    "a wrong key over gRPC",
    ({ ingestKey }) => ({ key: `${ingestKey}x`, signal: "logs", bytes: grpcFrame(Buffer.alloc(0)) }),
    grpcEnds(16, 8),
  ),
  grpcStream(
    "65",
    "a key in a cookie over gRPC",
    ({ ingestKey }) => ({
      key: null,
      signal: "logs",
      bytes: grpcFrame(Buffer.alloc(0)),
      headers: { cookie: `authorization=${ingestKey}` },
    }),
    grpcEnds(16),
  ),
];
const right = [
  http(
    "65",
    "the key as x-api-key is accepted",
    (context) => withKey(context, { "x-api-key": context.ingestKey }),
    stored({ accepted: 1 }),
  ),
  http(
    "65",
    "the scheme is accepted in any case",
    (context) => withKey(context, { authorization: `bEARER ${context.ingestKey}` }),
    stored({ accepted: 1 }),
  ),
  http(
    "65",
    "the same key in both headers is accepted",
    (context) => withKey(context, { authorization: `Bearer ${context.ingestKey}`, "x-api-key": context.ingestKey }),
    stored({ accepted: 1 }),
  ),
];

function withKey(context: HostileContext, headers: Readonly<Record<string, string>>) {
  const event = ordinaryEvent(context);
  return { key: null, headers, body: batchOf([event]), storedIds: [event.eventId] };
}

const roles = [
  http(
    "70",
    "the admin key may send events",
    (context) => {
      const event = ordinaryEvent(context);
      return { key: context.adminKey, body: batchOf([event]), storedIds: [event.eventId] };
    },
    stored({ accepted: 1 }),
  ),
  http("70", "a status without a key", () => ({ key: null, method: "GET", path: "/v1/events/any/status" }), problem([401, 429])),
  ...[
    "/api/v1/metrics/votes",
    "/api/v1/admin/keys",
    "/trpc/metrics.query",
    "/admin",
    "/debug/pprof",
    "/.env",
    "/v1/keys",
    "/openapi.json",
  ].map((path) => http("70", `${path} does not exist`, () => ({ method: "GET", path }), problem(404))),
];

/** Each with another forged address: only the address of the peer counts. */
const flood: HostileCase = {
  row: "66",
  name: "1,000 wrong keys end in 429",
  deadlineMs: 60_000,
  expect: ({ answers }) => {
    const limited = answers.filter(({ status }) => status === 429).length;
    const others = answers.filter(({ status }) => status !== 401 && status !== 429).length;
    return [
      ...(limited === 0 ? ["none was answered 429"] : []),
      ...(others === 0 ? [] : [`${others} were answered other than 401 and 429`]),
    ];
  },
  send: async (context) => observe(await wrongKeys(context, 1_000)),
};
const afterFlood = http(
  "66",
  "the correct key is accepted meanwhile",
  (context) => withKey(context, { authorization: `Bearer ${context.ingestKey}` }),
  stored({ accepted: 1 }),
);
const forged = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip"].map((name) =>
  http(
    "15",
    `${name} does not lift the limit`,
    (context) => ({
      key: "a-wrong-key-of-some-length",
      headers: { [name]: name === "forwarded" ? "for=203.0.113.77" : "203.0.113.77" },
      body: batchOf([ordinaryEvent(context)]),
    }),
    problem(429),
  ),
);

async function wrongKeys(context: HostileContext, count: number): Promise<readonly (Answer | null)[]> {
  const answers: (Answer | null)[] = [];
  for (let sent = 0; sent < count; sent += 20) {
    const wrong = Array.from({ length: 20 }, (_, n) =>
      send(context, {
        path: "/v1/events",
        key: `wrong-key-${sent + n}-of-some-length`,
        headers: { "content-type": "application/json", "x-forwarded-for": `198.51.100.${n}, 10.0.${Math.floor(sent / 256)}.${sent % 256}` },
        body: "{}",
      }),
    );
    answers.push(...(await Promise.all(wrong)));
  }
  return answers;
}

export const keyCases: readonly HostileCase[] = [...almost, ...overGrpc, ...right, ...roles, flood, afterFlood, ...forged];
