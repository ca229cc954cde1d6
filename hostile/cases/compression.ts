import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { grpcStream, http, observe, raw } from "../case-builders.ts";
import { everyAnswer, grpcEnds, otlpAccepted, problem, stored } from "../expectations.ts";
import { grpcFrame } from "../grpc-call.ts";
import type { HostileCase } from "../hostile-case.ts";
import { send } from "../http-request.ts";
import { memoised } from "../memoised.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";
import { protobufRequest, protobufSpan } from "../otlp-body.ts";

/** Rows 16 to 21: decompressed sizes and forms of compression. */

const mebibyte = 1024 * 1024;
const packers = { gzip: gzipSync, zstd: zstdCompressSync } as const;
type Encoding = keyof typeof packers;
const encodings = Object.keys(packers) as Encoding[];

/** A valid batch with invalid compression: no event may be stored. */
function packed(
  row: string,
  name: string,
  encoding: string,
  pack: (batch: Buffer) => Buffer,
  expect: Parameters<typeof http>[3],
): HostileCase {
  return http(
    row,
    name,
    (context) => {
      const event = ordinaryEvent(context);
      return { headers: { "content-encoding": encoding }, body: pack(Buffer.from(batchOf([event]))), unknownIds: [event.eventId] };
    },
    expect,
  );
}

const flipped = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
};

const broken = encodings.flatMap((encoding) => {
  const pack = packers[encoding];
  return [
    packed("16", `${encoding} announced, plain sent`, encoding, (batch) => batch, problem(400)),
    packed("16", `${encoding} announced, nothing sent`, encoding, () => Buffer.alloc(0), problem(400)),
    ...[0.25, 0.5, 0.75, 0.99].map((part) =>
      packed(
        "16",
        `${encoding} cut at ${part * 100} %`,
        encoding,
        (batch) => pack(batch).subarray(0, Math.floor(pack(batch).length * part)),
        problem(400),
      ),
    ),
    packed("16", `${encoding} with a broken header`, encoding, (batch) => flipped(pack(batch), 2), problem(400)),
    packed("16", `${encoding} with broken content`, encoding, (batch) => flipped(pack(batch), 30), problem(400)),
    packed(
      "16",
      `${encoding} with noise behind it`,
      encoding,
      (batch) => Buffer.concat([pack(batch), Buffer.from("bytes after it")]),
      problem(400),
    ),
  ];
});
const brokenChecksum = packed(
  "16",
  "gzip with a wrong checksum",
  "gzip",
  (batch) => flipped(gzipSync(batch), gzipSync(batch).length - 8),
  problem(400),
);
const brokenLength = packed(
  "16",
  "gzip with a wrong length",
  "gzip",
  (batch) => flipped(gzipSync(batch), gzipSync(batch).length - 1),
  problem(400),
);
const otherPacking = packed("16", "gzip declared, zstd sent", "gzip", (batch) => zstdCompressSync(batch), problem(400));

const wellPacked = encodings.map((encoding) =>
  http(
    "16",
    `valid ${encoding} is accepted`,
    (context) => {
      const event = ordinaryEvent(context);
      return {
        headers: { "content-encoding": encoding },
        body: packers[encoding](Buffer.from(batchOf([event]))),
        storedIds: [event.eventId],
      };
    },
    stored({ accepted: 1 }),
  ),
);

const bomb = memoised((encoding: Encoding, inflatedBytes: number): Buffer => packers[encoding](Buffer.alloc(inflatedBytes, " ")));
const otlpHeaders = (encoding: string) => ({ "content-type": "application/x-protobuf", "content-encoding": encoding });

const bombs = encodings.flatMap((encoding) => [
  http(
    "17",
    `${encoding}: 4 MiB of spaces as events`,
    () => ({ headers: { "content-encoding": encoding }, body: bomb(encoding, 4 * mebibyte) }),
    problem(413),
  ),
  http(
    "17",
    `${encoding}: 80 MiB of spaces as events`,
    () => ({ headers: { "content-encoding": encoding }, body: bomb(encoding, 80 * mebibyte) }),
    problem(413),
  ),
  http(
    "17",
    `${encoding}: 80 MiB of spaces as spans`,
    () => ({ path: "/v1/traces", otlp: "protobuf", headers: otlpHeaders(encoding), body: bomb(encoding, 80 * mebibyte) }),
    problem(413),
  ),
  http(
    "17",
    `${encoding}: 20 MiB of zeros as spans`,
    () => ({ path: "/v1/traces", otlp: "protobuf", headers: otlpHeaders(encoding), body: packers[encoding](Buffer.alloc(20 * mebibyte)) }),
    problem(400),
  ),
  http(
    "17",
    `${encoding}: one byte over the limit of events`,
    () => ({ headers: { "content-encoding": encoding }, body: bomb(encoding, mebibyte + 1) }),
    problem(413),
  ),
]);

const members = [
  http(
    "17",
    "5,000 gzip members of 8 KiB",
    () => ({ headers: { "content-encoding": "gzip" }, body: Buffer.concat(new Array<Buffer>(5_000).fill(bomb("gzip", 8_192))) }),
    problem(413),
  ),
  http(
    "17",
    "20,000 empty gzip members",
    () => ({ headers: { "content-encoding": "gzip" }, body: Buffer.concat(new Array<Buffer>(20_000).fill(gzipSync(""))) }),
    problem([400, 413]),
  ),
  http(
    "17",
    "5,000 zstd frames of 8 KiB",
    () => ({ headers: { "content-encoding": "zstd" }, body: Buffer.concat(new Array<Buffer>(5_000).fill(bomb("zstd", 8_192))) }),
    problem(413),
  ),
  http(
    "17",
    "a zstd frame that claims a window of 2 GiB",
    () => ({ headers: { "content-encoding": "zstd" }, body: Buffer.from("28b52ffd00a8010000", "hex") }),
    problem([400, 413]),
  ),
  http(
    "17",
    "a zstd frame that claims 2^63 bytes",
    () => ({ headers: { "content-encoding": "zstd" }, body: Buffer.from("28b52ffde0ffffffffffffff7f010000", "hex") }),
    problem([400, 413]),
  ),
];

const grpcBombs = [
  grpcStream(
    "17",
    "gzip: 80 MiB over gRPC",
    () => ({ signal: "traces", bytes: grpcFrame(bomb("gzip", 80 * mebibyte), { compressed: true }), headers: { "grpc-encoding": "gzip" } }),
    grpcEnds(8),
  ),
  grpcStream(
    "17",
    "deflate: 80 MiB over gRPC",
    () => ({
      signal: "logs",
      bytes: grpcFrame(deflateSync(Buffer.alloc(80 * mebibyte)), { compressed: true }),
      headers: { "grpc-encoding": "deflate" },
    }),
    grpcEnds(8, 12),
  ),
  grpcStream(
    "17",
    "gzip declared, plain sent, over gRPC",
    () => ({ signal: "traces", bytes: grpcFrame(Buffer.from("plain"), { compressed: true }), headers: { "grpc-encoding": "gzip" } }),
    grpcEnds(3, 13),
  ),
  grpcStream("17", "a frame of 30 MiB over gRPC", () => ({ signal: "traces", bytes: grpcFrame(Buffer.alloc(30 * mebibyte)) }), grpcEnds(8)),
  grpcStream(
    "17",
    "a frame that claims 4 GiB over gRPC",
    () => ({ signal: "traces", bytes: grpcFrame(Buffer.alloc(10), { length: 0xff_ff_ff_ff }) }),
    grpcEnds(8),
  ),
];

/** Rejected by its header alone: the body of an unknown caller is not read. */
const strangers = (
  [
    ["/v1/events", "application/json", "gzip", undefined],
    ["/v1/events", "application/json", "zstd", undefined],
    ["/v1/traces", "application/x-protobuf", "gzip", "protobuf"],
    ["/v1/logs", "application/json", "gzip", "json"],
  ] as const
).map(([path, type, encoding, otlp]) =>
  raw(
    "18",
    `${encoding} to ${path}, before a byte of the body`,
    () => {
      const lines = [
        `POST ${path} HTTP/1.1`,
        "host: hostile",
        `content-type: ${type}`,
        `content-encoding: ${encoding}`,
        "connection: close",
        "content-length: 500000",
      ];
      return { bytes: `${lines.join("\r\n")}\r\n\r\n`, waitMs: 3_000, ...(otlp === undefined ? {} : { otlp }) };
    },
    ({ answers }) => (answers.map(({ status }) => status).join() === "401" ? [] : ["no 401 before the body"]),
  ),
);

const strangersWithBodies = encodings.flatMap((encoding) => [
  http(
    "18",
    `${encoding}: 80 MiB as events`,
    () => ({ key: null, headers: { "content-encoding": encoding }, body: bomb(encoding, 80 * mebibyte) }),
    problem(401),
  ),
  http(
    "18",
    `${encoding}: 80 MiB as spans`,
    () => ({ key: null, path: "/v1/traces", otlp: "protobuf", headers: otlpHeaders(encoding), body: bomb(encoding, 80 * mebibyte) }),
    problem(401),
  ),
]);
const strangerOverGrpc = grpcStream(
  "18",
  "gzip: 80 MiB over gRPC",
  () => ({
    key: null,
    signal: "traces",
    bytes: grpcFrame(bomb("gzip", 80 * mebibyte), { compressed: true }),
    headers: { "grpc-encoding": "gzip" },
  }),
  grpcEnds(16),
);

const otherEncodings = [
  ...[
    "deflate",
    "br",
    "compress",
    "gzip, gzip",
    "zstd, gzip",
    "identity, gzip",
    "x-gzip",
    "gzip;q=1",
    "aws-chunked",
    "nonsense",
    "__proto__",
    "constructor",
  ].map((encoding) =>
    packed(
      "19",
      `content encoding ${encoding}`,
      encoding,
      (batch) => (encoding === "br" ? brotliCompressSync(batch) : deflateSync(batch)),
      problem(415),
    ),
  ),
  packed("19", "gzip applied twice, declared once", "gzip", (batch) => gzipSync(gzipSync(batch)), problem(400)),
  ...["br", "gzip, gzip"].map((encoding) =>
    http(
      "19",
      `${encoding} to OTLP`,
      () => ({ path: "/v1/metrics", otlp: "protobuf", headers: otlpHeaders(encoding), body: "x" }),
      problem(415),
    ),
  ),
  grpcStream(
    "19",
    "an unknown encoding over gRPC",
    () => ({ signal: "traces", bytes: grpcFrame(Buffer.from("x"), { compressed: true }), headers: { "grpc-encoding": "br" } }),
    grpcEnds(12),
  ),
  grpcStream(
    "19",
    "compressed without an encoding, over gRPC",
    () => ({ signal: "traces", bytes: grpcFrame(gzipSync(""), { compressed: true }) }),
    grpcEnds(3, 12, 13),
  ),
  http(
    "19",
    "identity is no encoding",
    (context) => ({
      path: "/v1/traces",
      otlp: "protobuf",
      headers: otlpHeaders("identity"),
      body: protobufRequest([protobufSpan(context)]),
      records: 1,
    }),
    otlpAccepted(),
  ),
];

const atOnce = (
  name: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: () => Buffer,
  statuses: readonly number[],
  otlp?: "protobuf",
): HostileCase => ({
  row: "20",
  name,
  expect: everyAnswer(20, statuses),
  deadlineMs: 20_000,
  send: async (context) => {
    const bytes = body();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(context, { path, headers, body: bytes })));
    return observe(answers, { otlp });
  },
});
const crowds = encodings.flatMap((encoding) => [
  atOnce(
    `20 times ${encoding}: 80 MiB as events`,
    "/v1/events",
    { "content-type": "application/json", "content-encoding": encoding },
    () => bomb(encoding, 80 * mebibyte),
    [413, 429],
  ),
  atOnce(
    `20 times ${encoding}: 80 MiB as spans`,
    "/v1/traces",
    otlpHeaders(encoding),
    () => bomb(encoding, 80 * mebibyte),
    [413, 429],
    "protobuf",
  ),
  atOnce(
    `20 times ${encoding}: 19 MiB of zeros as spans`,
    "/v1/traces",
    otlpHeaders(encoding),
    () => packers[encoding](Buffer.alloc(19 * mebibyte)),
    [400, 413, 429],
    "protobuf",
  ),
]);
const plainBodies = atOnce(
  "20 times 19 MiB of zeros as spans, not compressed",
  "/v1/traces",
  { "content-type": "application/x-protobuf" },
  () => Buffer.alloc(19 * mebibyte),
  [400, 413, 429],
  "protobuf",
);

const overLimit = [
  http("21", "one byte over the limit of events", () => ({ body: " ".repeat(mebibyte + 1) }), problem(413)),
  http("21", "16 MiB of events", () => ({ body: " ".repeat(16 * mebibyte) }), problem(413)),
  http("21", "2 MiB of events in chunks", () => ({ body: " ".repeat(2 * mebibyte), chunked: true }), problem(413)),
  http(
    "21",
    "one byte over the limit of spans",
    () => ({
      path: "/v1/traces",
      otlp: "protobuf",
      headers: { "content-type": "application/x-protobuf" },
      body: Buffer.alloc(20 * mebibyte + 1),
    }),
    problem(413),
  ),
  http(
    "21",
    "30 MiB of spans in chunks",
    () => ({ path: "/v1/traces", otlp: "json", body: Buffer.alloc(30 * mebibyte, " "), chunked: true }),
    problem(413),
  ),
  announced("10 GiB of events announced", "/v1/events", "10737418240"),
  announced("2^53 bytes of spans announced", "/v1/traces", "9007199254740992"),
];

function announced(name: string, path: string, length: string): HostileCase {
  return raw(
    "21",
    name,
    ({ ingestKey }) => {
      const lines = [
        `POST ${path} HTTP/1.1`,
        "host: hostile",
        `authorization: Bearer ${ingestKey}`,
        "content-type: application/json",
        `content-length: ${length}`,
      ];
      return { bytes: `${lines.join("\r\n")}\r\n\r\n${" ".repeat(1_000)}`, ...(path === "/v1/traces" ? { otlp: "json" } : {}) };
    },
    problem(413, { closed: true }),
  );
}

const atLimit = http(
  "21",
  "a batch of exactly the limit is accepted",
  (context) => {
    const event = ordinaryEvent(context);
    const batch = batchOf([event]);
    return { body: batch.padEnd(mebibyte, " "), storedIds: [event.eventId] };
  },
  stored({ accepted: 1 }),
);

export const compressionCases: readonly HostileCase[] = [
  ...broken,
  brokenChecksum,
  brokenLength,
  otherPacking,
  ...wellPacked,
  ...bombs,
  ...members,
  ...grpcBombs,
  ...strangers,
  ...strangersWithBodies,
  strangerOverGrpc,
  ...otherEncodings,
  ...crowds,
  plainBodies,
  ...overLimit,
  atLimit,
];
