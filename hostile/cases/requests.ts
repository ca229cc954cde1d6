import { http, raw } from "../case-builders.ts";
import { either, problem, stored } from "../expectations.ts";
import type { HostileCase } from "../hostile-case.ts";
import { canary, type HostileContext } from "../hostile-context.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";

/** Rows 11 to 14: types, expectations, methods and paths of requests that HTTP itself allows. */

/** A valid batch with header lines that Node's own client would not send. */
function typed(
  row: string,
  name: string,
  lines: readonly string[],
  expect: Parameters<typeof raw>[3],
  rejectedBatch: boolean,
): HostileCase {
  return raw(
    row,
    name,
    (context) => {
      const event = ordinaryEvent(context);
      const body = batchOf([event]);
      const head = [
        "POST /v1/events HTTP/1.1",
        "host: hostile",
        `authorization: Bearer ${context.ingestKey}`,
        ...lines,
        "connection: close",
        `content-length: ${body.length}`,
      ];
      return {
        bytes: Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1"),
        ...(rejectedBatch ? { unknownIds: [event.eventId] } : { storedIds: [event.eventId] }),
      };
    },
    expect,
  );
}

const disguised = [
  "application/json\ta",
  "application/json\tcharset=utf-8",
  "application/json, text/plain",
  "text/plain; application/json",
  "application/json; charset=utf-16",
  "application/json; charset=utf-7",
  "application/jsonp",
  "application/json/x",
  "application /json",
  "\xa0application/json",
].map((type) => typed("11", JSON.stringify(type), [`content-type: ${type}`], problem([400, 415]), true));

const twoTypes = [
  typed("11", "JSON and text as two headers", ["content-type: application/json", "content-type: text/plain"], problem([400, 415]), true),
  typed("11", "text and JSON as two headers", ["content-type: text/plain", "content-type: application/json"], problem([400, 415]), true),
];

const sameType = [
  "APPLICATION/JSON",
  " application/json",
  "application/json;",
  "application/json ;charset=utf-8",
  'application/json; charset="UTF-8"',
].map((type) => typed("11", `${JSON.stringify(type)} is JSON`, [`content-type: ${type}`], stored({ accepted: 1 }), false));

const otherTypes = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=a",
  "application/octet-stream",
  "application/xml",
  "text/html",
  "application/x-protobuf",
  "application/grpc",
  "application/problem+json",
  "application/vnd.api+json",
  "nonsense",
  "*/*",
].map((type) => typed("12", type, [`content-type: ${type}`], problem(415), true));
const noType = typed("12", "no type", [], problem(415), true);
const otlpTypes = ["text/plain", "application/x-ndjson", "application/grpc", "multipart/form-data; boundary=a"].map((type) =>
  http("12", `${type} to OTLP`, () => ({ path: "/v1/traces", otlp: "json", headers: { "content-type": type }, body: "{}" }), problem(415)),
);

const expectations = [
  ...["nonsense", "200-ok", canary].map((value) =>
    typed("13", `expect: ${value}`, ["content-type: application/json", `expect: ${value}`], problem(417), true),
  ),
  // RFC 9110, 10.1.1: expectations besides 100-continue may be refused.
  typed(
    "13",
    "expect: 100-continue, nonsense",
    ["content-type: application/json", "expect: 100-continue, nonsense"],
    either(stored({ accepted: 1 }), problem(417)),
    false,
  ),
  typed("13", "expect: 100-continue is met", ["content-type: application/json", "expect: 100-continue"], stored({ accepted: 1 }), false),
];

const upgrades = ["websocket", "h2c", "TLS/1.0"].map((protocol) =>
  typed(
    "13",
    `an upgrade to ${protocol} is ignored`,
    ["content-type: application/json", `upgrade: ${protocol}`],
    either(stored({ accepted: 1 }), problem([400, 426])),
    false,
  ),
);

const methods = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"].map((method) =>
  http("13", `${method} /v1/events`, () => ({ method, headers: { "content-length": "0" } }), problem([404, 405])),
);
const head = http(
  "13",
  "HEAD /v1/events",
  () => ({ method: "HEAD" }),
  ({ answers }) =>
    answers.every(({ status }) => status === 404 || status === 405) ? [] : ["HEAD was answered with another status than 404 or 405"],
);
const connected = raw(
  "13",
  "CONNECT is not accepted",
  () => ({ bytes: "CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n" }),
  ({ answers, closed }) => (answers.every(({ status }) => status >= 400) && closed === true ? [] : ["CONNECT was accepted"]),
);
const overridden = ["x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url"].map((name) =>
  http(
    "13",
    `${name} changes nothing`,
    (context) => ordinaryRequest(context, { [name]: name.includes("url") ? "/v1/traces" : "DELETE" }),
    stored({ accepted: 1 }),
  ),
);

function ordinaryRequest(context: HostileContext, headers: Readonly<Record<string, string>>) {
  const event = ordinaryEvent(context);
  return { headers, body: batchOf([event]), storedIds: [event.eventId] };
}

const paths = [
  "/%zz",
  "/v1/events/%zz/status",
  "/%c0%af",
  "/v1/events/%c0%af/status",
  "/v1/events/%00/status",
  "/v1/events/%ff%fe/status",
  "/../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/v1/events/..%2f..%2fetc%2fpasswd/x",
  "/%252e%252e/etc/passwd",
  "//example.org/v1/events",
  "http://example.org/",
  "/v1/events/../../metrics/x",
  "/v1\\events",
  "/v1/events//status",
  `/v1/events/${"a".repeat(2_000)}/status`,
  `/${"a/".repeat(2_000)}`,
  "/problems/__proto__",
  "/problems/..%2f..%2fpackage.json",
  `/${canary}`,
  "*",
].map((path) => http("14", path.length > 60 ? `${path.slice(0, 60)}...` : path, () => ({ method: "GET", path }), problem([400, 404, 414])));

const anyCase = http("14", "paths are case-sensitive", () => ({ path: "/V1/EVENTS", body: "{}" }), problem(404));
const trailing = http("14", "a path with an extra slash is another path", () => ({ path: "/v1/events/", body: "{}" }), problem(404));

export const requestCases: readonly HostileCase[] = [
  ...disguised,
  ...twoTypes,
  ...sameType,
  ...otherTypes,
  noType,
  ...otlpTypes,
  ...expectations,
  ...upgrades,
  ...methods,
  head,
  connected,
  ...overridden,
  ...paths,
  anyCase,
  trailing,
];
