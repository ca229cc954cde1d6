import { http, observe, raw } from "../case-builders.ts";
import { both, cutOff, problem, stored } from "../expectations.ts";
import type { HostileCase, Observation } from "../hostile-case.ts";
import { canary, type HostileContext } from "../hostile-context.ts";
import { batchOf, ordinaryEvent } from "../ordinary-event.ts";
import { exchangeRaw } from "../raw-connection.ts";

/** Rows 1 to 10: the HTTP parser, the limits of connections and their clean-up. */

/** A request with a valid key; `lines` are further header lines. */
function post(context: HostileContext, lines: readonly string[], body = ""): string {
  const head = [
    "POST /v1/events HTTP/1.1",
    "host: hostile",
    `authorization: Bearer ${context.ingestKey}`,
    "content-type: application/json",
    ...lines,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function goodBatch(context: HostileContext): { readonly body: string; readonly ids: readonly string[] } {
  const event = ordinaryEvent(context);
  return { body: batchOf([event]), ids: [event.eventId] };
}

/** A request after the body of another. */
function hidden(context: HostileContext): { readonly bytes: string; readonly ids: readonly string[] } {
  const { body, ids } = goodBatch(context);
  return { bytes: post(context, [`content-length: ${body.length}`], body), ids };
}

const smuggled: readonly (readonly [string, readonly string[]])[] = [
  ["a length and chunks", ["content-length: 5", "transfer-encoding: chunked"]],
  ["chunks and a length", ["transfer-encoding: chunked", "content-length: 5"]],
  ["an encoding after chunked", ["transfer-encoding: chunked, identity"]],
  ["chunked twice", ["transfer-encoding: chunked", "transfer-encoding: chunked", "content-length: 5"]],
  ["an encoding of another name", ["transfer-encoding: xchunked"]],
  ["a space before the colon", ["transfer-encoding : chunked"]],
  ["a folded transfer encoding", ["transfer-encoding:", " chunked"]],
  ["two lengths", ["content-length: 5", "content-length: 6"]],
  ["a vertical tab before chunked", ["transfer-encoding: \x0bchunked"]],
];

const hiddenRequests = smuggled.map(([name, lines]) =>
  raw(
    "1",
    name,
    (context) => {
      const { bytes, ids } = hidden(context);
      return { bytes: post(context, lines, `0\r\n\r\n${bytes}`), unknownIds: ids };
    },
    problem(400, { closed: true }),
  ),
);

const lengths = ["-1", "1e3", "0x10", "2, 2", "2,3", "99999999999999999999", "18446744073709551616", "+2", "2.0", "", "two"].map((length) =>
  raw(
    "2",
    `content length ${JSON.stringify(length)}`,
    (context) => ({ bytes: post(context, [`content-length: ${length}`], "{}") }),
    problem(400, { closed: true }),
  ),
);

const chunked = (name: string, chunks: string, statuses: number | readonly number[] = 400) =>
  raw("3", name, (context) => ({ bytes: post(context, ["transfer-encoding: chunked"], chunks) }), problem(statuses, { closed: true }));

const chunks = [
  chunked("a size that is not hex", "zz\r\n{}\r\n0\r\n\r\n"),
  chunked("a size of 17 Fs", `${"F".repeat(17)}\r\n{}\r\n0\r\n\r\n`),
  chunked("a negative size", "-2\r\n{}\r\n0\r\n\r\n"),
  chunked("a size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"),
  chunked("a chunk longer than its size", "2\r\n{}{}\r\n0\r\n\r\n"),
  chunked("a bare LF after the size", "2\n{}\r\n0\r\n\r\n"),
  chunked("an extension of 128 KiB", `2;${"x".repeat(128 * 1024)}\r\n{}\r\n0\r\n\r\n`, [400, 413]),
];
const manySmallChunks = raw(
  "3",
  "10,000 chunks of a space with an extension each are a body of spaces",
  (context) => ({
    bytes: post(context, ["connection: close", "transfer-encoding: chunked"], `${`1;${"x".repeat(16)}\r\n \r\n`.repeat(10_000)}0\r\n\r\n`),
  }),
  problem([400, 413]),
);

const cut = (name: string, lines: readonly string[], from: (body: string) => string | Buffer, end: "fin" | "reset") =>
  raw(
    "4",
    name,
    (context) => {
      const { body, ids } = goodBatch(context);
      const bytes = Buffer.concat([
        Buffer.from(
          post(
            context,
            lines.map((line) => line.replace("LENGTH", String(body.length))),
          ),
        ),
        Buffer.from(from(body)),
      ]);
      return { bytes, end, unknownIds: ids };
    },
    cutOff([400, 408]),
  );

const cuts = (["fin", "reset"] as const).flatMap((end) => [
  cut(`half a body, then ${end}`, ["content-length: LENGTH"], (body) => body.slice(0, body.length / 2), end),
  cut(`all but the last byte, then ${end}`, ["content-length: LENGTH"], (body) => body.slice(0, -1), end),
  cut(`no body, then ${end}`, ["content-length: LENGTH"], () => "", end),
  cut(
    `a whole batch without its last chunk, then ${end}`,
    ["transfer-encoding: chunked"],
    (body) => `${body.length.toString(16)}\r\n${body}\r\n`,
    end,
  ),
  cut(`half a chunk, then ${end}`, ["transfer-encoding: chunked"], (body) => `${body.length.toString(16)}\r\n${body.slice(0, 20)}`, end),
]);

const header = (name: string, line: string) =>
  raw("5", name, (context) => ({ bytes: post(context, [line, "content-length: 2"], "{}") }), problem(400, { closed: true }));

const controlBytes = [
  header("NUL in a value", "x-a: a\0b"),
  header("NUL in a name", "x\0a: b"),
  header("a bare CR in a value", "x-a: a\rb: c"),
  header("a folded header", "x-a: a\r\n b"),
  header("a bare LF as line end", "x-a: a\nx-b: b"),
  header("an empty name", ": a"),
  header("a line without a colon", "nonsense"),
  header("a space in a name", "x a: b"),
  header("a byte beyond ASCII in a name", "x\xe9: b"),
  raw(
    "5",
    "bare LF throughout",
    () => ({ bytes: "POST /v1/events HTTP/1.1\nhost: hostile\ncontent-length: 2\n\n{}" }),
    problem(400, { closed: true }),
  ),
];

const prototypeHeaders = [
  ["__proto__: a", "__proto__: b"],
  ["constructor: a"],
  ["toString: a", "hasOwnProperty: b"],
  ["__defineGetter__: a"],
  ["then: a"],
].map((lines) =>
  raw(
    "6",
    lines.join(", "),
    (context) => {
      const { body, ids } = goodBatch(context);
      return { bytes: post(context, [...lines, "connection: close", `content-length: ${body.length}`], body), storedIds: ids };
    },
    stored({ accepted: 1 }),
  ),
);

const large = (name: string, lines: (context: HostileContext) => readonly string[]) =>
  raw("7", name, (context) => ({ bytes: post(context, [...lines(context), "content-length: 2"], "{}") }), problem(431, { closed: true }));

const largeHeaders = [
  large("3,000 headers", () => Array.from({ length: 3_000 }, (_, n) => `x-${n}: value`)),
  large("300 headers of two letters", () => Array.from({ length: 300 }, () => "a:b")),
  large("a header of 128 KiB", () => [`x-a: ${"a".repeat(128 * 1024)}`]),
  large("a cookie of 32 KiB", () => [`cookie: ${"a=b; ".repeat(6_554)}`]),
  large("a name of 20 KiB", () => [`${"a".repeat(20 * 1024)}: b`]),
  raw(
    "7",
    "a query of 64 KiB",
    (context) => ({ bytes: post(context, ["content-length: 2"], "{}").replace("/v1/events", `/v1/events?q=${"a".repeat(64 * 1024)}`) }),
    problem(431, { closed: true }),
  ),
];

const noises: readonly (readonly [string, string | Buffer])[] = [
  ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a TLS hello", Buffer.concat([Buffer.from("1603010200010001fc0303", "hex"), Buffer.alloc(500, 7)])],
  ["a Redis command", "*1\r\n$4\r\nPING\r\n"],
  ["a memcached command", "stats items\r\n"],
  ["an SSH banner", "SSH-2.0-OpenSSH_9.9\r\n"],
  ["a mail greeting", "EHLO example.org\r\nMAIL FROM:<a@example.org>\r\n"],
  ["a PostgreSQL start", Buffer.from("0000000804d2162f", "hex")],
  ["zero bytes", Buffer.alloc(4_096)],
  ["noise", "\x01\x02\x03 noise \xff\r\n\r\n"],
  ["an unknown method", "FROB / HTTP/1.1\r\nhost: hostile\r\n\r\n"],
  ["HTTP/9.9", "GET / HTTP/9.9\r\nhost: hostile\r\n\r\n"],
  ["HTTP/0.9", "GET /v1/events\r\n\r\n"],
];

const otherProtocols = noises.flatMap(([name, bytes]) =>
  [
    // HTTP/0.9 is a request, with a method that the page does not allow.
    raw("8", name, () => ({ bytes, end: "fin" }), cutOff(name === "HTTP/0.9" ? [400, 405] : [400])),
    // An HTTP/2 answer is not parsed; only the end of the connection matters.
    raw(
      "8",
      `${name}, to the gRPC port`,
      ({ grpcPort }) => ({ bytes, port: grpcPort, end: "fin" }),
      ({ closed }) => (closed === true ? [] : ["the connection stayed open"]),
    ),
  ].map((one) => (one.name.endsWith("gRPC port") ? withoutAnswers(one) : one)),
);

function withoutAnswers(one: HostileCase): HostileCase {
  return { ...one, send: async (context) => ({ ...(await one.send(context)), answers: [] }) };
}

const leaving: readonly HostileCase[] = [
  leavingClients("100 clients disconnect inside a body", 100, (context) => post(context, ["content-length: 10000"], `{"events":[`)),
  leavingClients("100 clients disconnect inside a header", 100, () => "POST /v1/events HTTP/1.1\r\nhost: host"),
  leavingClients("100 clients disconnect inside a compressed body", 100, (context) =>
    post(context, ["content-encoding: gzip", "content-length: 10000"], "\x1f\x8b\x08"),
  ),
  leavingClients("100 clients connect and send nothing", 100, () => ""),
];

function leavingClients(name: string, count: number, bytes: (context: HostileContext) => string): HostileCase {
  const send = async (context: HostileContext): Promise<Observation> => {
    const settings = { host: context.host, port: context.httpPort, end: "reset" } as const;
    await Promise.all(Array.from({ length: count }, () => exchangeRaw(Buffer.from(bytes(context), "latin1"), settings)));
    return observe([]);
  };
  return { row: "10", name, send, expect: ({ answers }) => (answers.length === 0 ? [] : ["a client that disconnected had an answer"]) };
}

const pipelined = raw(
  "1",
  "two requests on one connection are both answered",
  (context) => {
    const [first, second] = [goodBatch(context), goodBatch(context)];
    const bytes = [
      post(context, [`content-length: ${first.body.length}`], first.body),
      post(context, ["connection: close", `content-length: ${second.body.length}`], second.body),
    ];
    return { bytes: bytes.join(""), storedIds: [...first.ids, ...second.ids] };
  },
  ({ answers }) =>
    answers.map(({ status }) => status).join() === "202,202"
      ? []
      : [`expected two answers of 202, got ${answers.map(({ status }) => status).join()}`],
);

const brokenSecond = raw(
  "1",
  "a malformed request after a valid one fails after the answer of the valid one",
  (context) => {
    const { body, ids } = goodBatch(context);
    return { bytes: `${post(context, [`content-length: ${body.length}`], body)}NOISE\r\n\r\n`, storedIds: ids };
  },
  both(
    ({ answers }) =>
      answers.map(({ status }) => status).join() === "202,400"
        ? []
        : [`expected 202 and 400, got ${answers.map(({ status }) => status).join()}`],
    ({ closed }) => (closed === true ? [] : ["the connection stayed open"]),
  ),
);

const withCanary = http(
  "4",
  "an error does not repeat a header of the request",
  () => ({ headers: { "content-type": `text/${canary}` }, body: "{}" }),
  problem(415),
);

export const transportCases: readonly HostileCase[] = [
  ...hiddenRequests,
  pipelined,
  brokenSecond,
  ...lengths,
  ...chunks,
  manySmallChunks,
  ...cuts,
  withCanary,
  ...controlBytes,
  ...prototypeHeaders,
  ...largeHeaders,
  ...otherProtocols,
  ...leaving,
];
