import fc from "fast-check";
import { observe } from "../case-builders.ts";
import { callGrpc, grpcFrame } from "../grpc-call.ts";
import type { Expectation, HostileCase, Observation } from "../hostile-case.ts";
import type { HostileContext } from "../hostile-context.ts";
import { send } from "../http-request.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";
import { jsonLog, jsonMetric, jsonRequest, jsonSpan, protobufLog, protobufRequest, protobufSpan, type Signal } from "../otlp-body.ts";

/** Valid requests with some bytes changed, dropped, repeated or moved: each gets an answer, and the ingest counts add up. */

/** The change and its position, as a share of the length; `from` is the source position of a copy. */
type Edit = {
  readonly kind: "set" | "flip" | "drop" | "repeat" | "copy" | "cut" | "token";
  readonly at: number;
  readonly from: number;
  readonly byte: number;
  readonly token: string;
};
type Mutation = { readonly target: TargetName; readonly edits: readonly Edit[] };

const tokens = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ",",
  ":",
  "null",
  "true",
  "1e999",
  "-",
  "\\u0000",
  "\\ud800",
  "__proto__",
  "\0",
  "\r\n",
  "9007199254740993",
  '{"a":',
  "\xff\xff\xff\xff\x0f",
  "\x0b",
  "\x0c",
  "\x80\x80",
];

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("set", "flip", "drop", "repeat", "copy", "cut", "token"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
  token: fc.constantFrom(...tokens),
});

const goodBodies = {
  events: (context: HostileContext) => Buffer.from(batchOf([ordinaryEvent(context), ordinaryEvent(context), ordinaryEvent(context)])),
  ndjson: (context: HostileContext) => Buffer.from([1, 2, 3].map(() => JSON.stringify(ordinaryEvent(context))).join("\n")),
  "traces json": (context: HostileContext) => Buffer.from(JSON.stringify(jsonRequest("traces", [jsonSpan(context), jsonSpan(context)]))),
  "logs json": (context: HostileContext) => Buffer.from(JSON.stringify(jsonRequest("logs", [jsonLog(context), jsonLog(context)]))),
  "metrics json": (context: HostileContext) =>
    Buffer.from(
      JSON.stringify(
        jsonRequest("metrics", [
          jsonMetric(context, "sum", [{ asDouble: 1 }]),
          jsonMetric(context, "histogram", [{ count: "2", sum: 1, bucketCounts: ["1", "1"], explicitBounds: [1] }]),
        ]),
      ),
    ),
  "traces protobuf": (context: HostileContext) => protobufRequest([protobufSpan(context), protobufSpan(context)]),
  "logs protobuf": (context: HostileContext) => protobufRequest([protobufLog(context), protobufLog(context)]),
  "traces grpc": (context: HostileContext) => protobufRequest([protobufSpan(context), protobufSpan(context)]),
} as const;
type TargetName = keyof typeof goodBodies;

const mutation: fc.Arbitrary<Mutation> = fc.record({
  target: fc.constantFrom(...(Object.keys(goodBodies) as TargetName[])),
  edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
});

/** @returns a number of cases, the same for the same seed */
export function mutationCases(seed: number, count: number): readonly HostileCase[] {
  const mutations = count === 0 ? [] : fc.sample(mutation, { seed, numRuns: count });
  return mutations.map(({ target, edits }, index) => ({
    row: "mutation",
    name: `${target}, ${index}: ${edits.map(({ kind }) => kind).join(", ")}`,
    send: (context) => sendTo(context, target, edits.reduce(edited, goodBodies[target](context))),
    expect: isAnswer,
  }));
}

function edited(bytes: Buffer, { kind, at, from, byte, token }: Edit): Buffer {
  const place = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  const length = 1 + (byte % 16);
  switch (kind) {
    case "set":
      return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    case "flip":
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << (byte % 8))]), after.subarray(1)]);
    case "drop":
      return Buffer.concat([before, after.subarray(length)]);
    case "repeat":
      return Buffer.concat([before, ...new Array<Buffer>(length).fill(after.subarray(0, length)), after]);
    case "copy": {
      const source = Math.floor(from * bytes.length);
      return Buffer.concat([before, bytes.subarray(source, source + length * 8), after]);
    }
    case "cut":
      return before;
    case "token":
      return Buffer.concat([before, Buffer.from(token, "latin1"), after]);
  }
}

async function sendTo(context: HostileContext, target: TargetName, body: Buffer): Promise<Observation> {
  const [name, encoding] = target.split(" ") as [string, string | undefined];
  if (encoding === "grpc") return { answers: [], grpc: await callGrpc(context, { signal: name as Signal, bytes: grpcFrame(body) }) };
  const type = encoding === "protobuf" ? "application/x-protobuf" : name === "ndjson" ? "application/x-ndjson" : "application/json";
  const path = encoding === undefined ? "/v1/events" : `/v1/${name}`;
  const answer = await send(context, { path, headers: { "content-type": type }, body });
  return observe([answer], { otlp: encoding as "json" | "protobuf" | undefined });
}

const isAnswer: Expectation = ({ answers, grpc }) => {
  if (grpc !== undefined) return [0, 3, 8].includes(grpc.status ?? -1) ? [] : [`ended with gRPC ${String(grpc.status)}`];
  const [answer] = answers;
  if (answer === undefined) return ["no answer"];
  return [200, 202, 400, 413].includes(answer.status) ? [] : [`answered ${answer.status}`];
};
