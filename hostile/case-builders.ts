import { callGrpc, type GrpcCall, grpcFrame } from "./grpc-call.ts";
import type { Answer, Expectation, HostileCase, Observation } from "./hostile-case.ts";
import type { HostileContext } from "./hostile-context.ts";
import { type HttpRequest, send } from "./http-request.ts";
import { batchOf, type EventBody } from "./ordinary-event.ts";
import { jsonRequest, type Signal } from "./otlp-body.ts";
import { exchangeRaw, type RawSettings } from "./raw-connection.ts";

type Made = Omit<HttpRequest, "path"> & { readonly path?: string } & Pick<Observation, "storedIds" | "unknownIds" | "records" | "otlp">;

/** A request over HTTP; the default is JSON to `/v1/events`. */
export function http(
  row: string,
  name: string,
  make: (context: HostileContext) => Made,
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  return {
    row,
    name,
    expect,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    send: async (context) => {
      const { storedIds, unknownIds, records, otlp, ...request } = make(context);
      const headers = { "content-type": "application/json", ...request.headers };
      const answer = await send(context, { path: "/v1/events", ...request, headers });
      return observe([answer], { storedIds, unknownIds, records, otlp });
    },
  };
}

/** A body of `/v1/events`. */
export function body(
  row: string,
  name: string,
  make: (context: HostileContext) => string | Buffer,
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  return http(row, name, (context) => ({ body: make(context) }), expect, deadlineMs);
}

/** A batch of events in valid JSON. Its valid events must be stored if the batch is accepted. */
export function events(
  row: string,
  name: string,
  make: (context: HostileContext) => readonly unknown[],
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  const made = (context: HostileContext) => {
    const batch = make(context);
    return { body: batchOf(batch), records: batch.length, storedIds: idsOf(batch) };
  };
  return http(row, name, made, expect, deadlineMs);
}

/** OTLP/HTTP in JSON. `records` is the number of records in the request. */
export function otlpJson(
  row: string,
  name: string,
  signal: Signal,
  make: (context: HostileContext) => readonly unknown[],
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  const made = (context: HostileContext) => {
    const records = make(context);
    return { path: `/v1/${signal}`, otlp: "json" as const, body: JSON.stringify(jsonRequest(signal, records)), records: countOf(records) };
  };
  return http(row, name, made, expect, deadlineMs);
}

type ProtobufMade = { readonly body: Buffer } & Pick<Observation, "storedIds" | "records">;

/** The same bytes over OTLP/HTTP in protobuf, and over OTLP/gRPC. */
export function otlpProtobuf(
  row: string,
  name: string,
  signal: Signal,
  make: (context: HostileContext) => ProtobufMade,
  expect: { readonly http: Expectation; readonly grpc: Expectation },
  deadlineMs?: number,
): readonly HostileCase[] {
  const headers = { "content-type": "application/x-protobuf" };
  return [
    http(
      row,
      `${name}, over HTTP`,
      (context) => ({ path: `/v1/${signal}`, otlp: "protobuf", headers, ...make(context) }),
      expect.http,
      deadlineMs,
    ),
    grpc(row, `${name}, over gRPC`, signal, make, expect.grpc, deadlineMs),
  ];
}

function grpc(
  row: string,
  name: string,
  signal: Signal,
  make: (context: HostileContext) => ProtobufMade,
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  const sent = async (context: HostileContext) => {
    const { body: message, ...rest } = make(context);
    return { answers: [], grpc: await callGrpc(context, { signal, bytes: grpcFrame(message) }), ...rest };
  };
  return { row, name, expect, send: sent, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
}

/** A call with a stream, headers or a path built by hand. */
export function grpcStream(row: string, name: string, make: (context: HostileContext) => GrpcCall, expect: Expectation): HostileCase {
  return { row, name, expect, send: async (context) => ({ answers: [], grpc: await callGrpc(context, make(context)) }) };
}

type RawMade = { readonly bytes: Buffer | string } & Partial<RawSettings> & Pick<Observation, "storedIds" | "unknownIds" | "otlp">;

/** Raw bytes over a separate connection. */
export function raw(
  row: string,
  name: string,
  make: (context: HostileContext) => RawMade,
  expect: Expectation,
  deadlineMs?: number,
): HostileCase {
  return {
    row,
    name,
    expect,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    send: async (context) => {
      const { bytes, storedIds, unknownIds, otlp, ...settings } = make(context);
      const { answers, closed } = await exchangeRaw(bytes, { host: context.host, port: context.httpPort, ...settings });
      return { ...observe(answers, { storedIds, unknownIds, otlp }), closed };
    },
  };
}

type Seen = { readonly [Name in "storedIds" | "unknownIds" | "records" | "otlp"]?: Observation[Name] | undefined };

/** Omits undefined values, and missing answers. */
export function observe(answers: readonly (Answer | null)[], seen: Seen = {}): Observation {
  const known = Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined));
  return { answers: answers.filter((answer) => answer !== null), ...known };
}

const eventIdForm = /^[\x20-\x7e]{1,64}$/;

/** An invalid id is not repeated when it is rejected. */
function idsOf(batch: readonly unknown[]): string[] {
  return batch.flatMap((event) => {
    const id = (event as Partial<EventBody> | null)?.eventId;
    return typeof id === "string" && eventIdForm.test(id) ? [id] : [];
  });
}

type MetricShape = Readonly<Record<string, { readonly dataPoints?: readonly unknown[] } | undefined>>;

/** A metric has one record for each point. */
function countOf(records: readonly unknown[]): number {
  const pointsOf = (record: unknown) =>
    Object.values((record ?? {}) as MetricShape).find((data) => Array.isArray(data?.dataPoints))?.dataPoints;
  return records.reduce<number>((sum, record) => sum + (pointsOf(record)?.length ?? 1), 0);
}
