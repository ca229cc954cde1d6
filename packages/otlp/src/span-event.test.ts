import { describe, expect, test } from "vitest";
import { decodeBoth, encodeSpans, sdkSpan } from "./otlp-requests.testing.ts";
import { eventOfSpan } from "./span-event.ts";

const kinds = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };
const statuses = { unset: 0, ok: 1, error: 2 };

type Shape = {
  readonly name?: string;
  readonly kind?: keyof typeof kinds;
  readonly status?: keyof typeof statuses;
  readonly attributes?: Readonly<Record<string, unknown>>;
};

function propertiesOf({ name = "op", kind = "server", status = "unset", attributes = {} }: Shape) {
  const request = encodeSpans([sdkSpan({ name, attributes, kind: kinds[kind], status: { code: statuses[status] } })]);
  const [span] = decodeBoth("traces", request).protobuf.records;
  if (span === undefined) throw new Error("the span was rejected");
  return eventOfSpan(span).properties;
}

describe("the route is a pattern of low cardinality, the most specific one of the span", () => {
  test.each<[string, Shape, string]>([
    ["HTTP route with its method", { attributes: { "http.route": "/rooms/:id", "http.request.method": "GET" } }, "GET /rooms/:id"],
    ["HTTP route, method by its former name", { attributes: { "http.route": "/rooms/:id", "http.method": "POST" } }, "POST /rooms/:id"],
    ["a method that is none is left out", { attributes: { "http.route": "/rooms/:id", "http.request.method": "_OTHER" } }, "/rooms/:id"],
    ["qualified RPC method", { attributes: { "rpc.method": "trinity.Rooms/Join" } }, "trinity.Rooms/Join"],
    ["RPC service and method", { attributes: { "rpc.service": "DynamoDB", "rpc.method": "PutItem" } }, "DynamoDB/PutItem"],
    ["GraphQL operation", { attributes: { "graphql.operation.name": "GetRoom" } }, "GetRoom"],
    ["database operation", { attributes: { "db.operation.name": "GetItem", "db.collection.name": "rooms" } }, "GetItem rooms"],
    [
      "messaging",
      { attributes: { "messaging.operation.name": "send", "messaging.destination.template": "/votes/{room}" } },
      "send /votes/{room}",
    ],
    ["invoked function", { kind: "client", attributes: { "faas.invoked_name": "trinity-vote" } }, "trinity-vote"],
    ["a span name without anything that could be an id", { name: "store vote" }, "store vote"],
  ])("%s", (_, shape, route) => {
    expect(propertiesOf(shape)).toMatchObject({ route });
  });

  test.each<[string, Shape]>([
    ["a raw path as span name", { name: "GET /rooms/7c1d3f0a" }],
    ["a span name with digits", { name: "room 42" }],
    ["a span name with an address", { name: "mail ana@example.org" }],
    ["a span name with a query", { name: "search?q=ana" }],
    ["a URL as route", { name: "GET 1", attributes: { "http.route": "https://trinity.example/rooms/1" } }],
    ["a UUID within the route", { name: "GET 1", attributes: { "http.route": "/rooms/7c1d3f0a-5b7e-4c55-9a41-2f6f0f5e8b11" } }],
    ["a query within the route", { name: "GET 1", attributes: { "http.route": "/search?q=ana" } }],
    ["a GraphQL name that holds an id", { name: "1", attributes: { "graphql.operation.name": "room_5b8efff798038103" } }],
  ])("%s gives none", (_, shape) => {
    const { route, name } = propertiesOf(shape);
    expect({ route, name }).toEqual({ route: undefined, name: undefined });
  });

  test("the span name is kept beside a different route", () => {
    expect(propertiesOf({ name: "tRPC join", attributes: { "http.route": "/rooms/:id" } })).toMatchObject({
      route: "/rooms/:id",
      name: "tRPC join",
    });
  });
});

describe("how a span ended, by the semantic conventions", () => {
  const http = (code: number) => ({ "http.response.status_code": code });
  test.each<[string, Shape, string, boolean]>([
    ["2xx", { attributes: http(204) }, "2xx", false],
    ["4xx is no failure of the server that answered it", { attributes: http(404) }, "4xx", false],
    ["4xx fails the client that asked", { kind: "client", attributes: http(404) }, "4xx", true],
    ["5xx fails everyone", { attributes: http(503) }, "5xx", true],
    ["5xx by its former name", { attributes: { "http.status_code": 500 } }, "5xx", true],
    ["a span that says it failed did", { status: "error", attributes: http(200) }, "2xx", true],
    ["a code that is no HTTP status does not count", { status: "ok", attributes: http(7) }, "ok", false],
    ["gRPC OK", { attributes: { "rpc.status_code": "OK" } }, "ok", false],
    ["gRPC NOT_FOUND is no failure of the server", { attributes: { "rpc.status_code": "NOT_FOUND" } }, "error", false],
    ["gRPC NOT_FOUND fails the client", { kind: "client", attributes: { "rpc.grpc.status_code": 5 } }, "error", true],
    ["gRPC UNAVAILABLE fails the server", { attributes: { "rpc.response.status_code": "UNAVAILABLE" } }, "error", true],
    ["status alone: error", { status: "error" }, "error", true],
    ["status alone: ok", { status: "ok" }, "ok", false],
    ["no status", {}, "unset", false],
  ])("%s", (_, shape, statusClass, failed) => {
    expect(propertiesOf(shape)).toMatchObject({ statusClass, failed });
  });
});

test("the class of an error passes, a message in its place does not", () => {
  expect(propertiesOf({ attributes: { "error.type": "java.net.UnknownHostException" } })).toMatchObject({
    errorType: "java.net.UnknownHostException",
  });
  expect(propertiesOf({ attributes: { "error.type": "500" } })).toMatchObject({ errorType: "500" });
  expect(propertiesOf({ attributes: { "error.type": "no user ana@example.org" } })["errorType"]).toBeUndefined();
});

test("the system that was called is named", () => {
  expect(propertiesOf({ kind: "client", attributes: { "db.system": "dynamodb" } })).toMatchObject({ system: "dynamodb" });
});

test("unlisted attributes do not pass", () => {
  const attributes = {
    "user.id": "canary-1",
    "url.full": "https://canary-2",
    "db.query.text": "canary-3",
    "http.request.header.cookie": ["canary-4"],
  };
  expect(JSON.stringify(propertiesOf({ attributes }))).not.toContain("canary");
});
