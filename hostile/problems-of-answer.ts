import type { Answer, GrpcEnd, Observation } from "./hostile-case.ts";
import { canary } from "./hostile-context.ts";
import { statusOf } from "./otlp-answer.ts";

const problemBytesMax = 64 * 1024;
/** An acknowledgement lists each rejected event of at most 1,000. */
const acknowledgementBytesMax = 256 * 1024;
/** Internals of a process: a stack frame, a path on its disk, an SQL statement. */
const insides =
  /\bat [\w.<>[\] ]+ \(|node:internal|node_modules|\/(?:src|home|usr|var|tmp|work|etc)\/|\bSQLITE_|\b(?:Type|Range|Syntax|Reference)Error\b|Maximum call stack/;

/** @returns the problems that no answer of any case may have: an internal error, a leak, a problem in another format */
export function problemsOfAnswers({ answers, grpc, otlp }: Observation, secrets: readonly string[]): string[] {
  return [
    ...answers.flatMap((answer) => problemsOfAnswer(answer, otlp, secrets)),
    ...(grpc === undefined ? [] : problemsOfGrpc(grpc, secrets)),
  ];
}

function problemsOfAnswer(answer: Answer, otlp: Observation["otlp"], secrets: readonly string[]): string[] {
  const { status, headers, body, headOnly } = answer;
  const problems = leaksIn(body, secrets);
  if (status >= 500) problems.push(`answered ${status}`);
  if (status >= 400 && headOnly !== true) {
    if (body.length > problemBytesMax) problems.push(`the error has ${body.length} bytes`);
    problems.push(...(isOtlpStatus(answer, otlp) ? [] : problemsOfProblem(answer, otlp)));
  } else if (body.length > acknowledgementBytesMax) problems.push(`the acknowledgement has ${body.length} bytes`);
  if ((status === 429 || status === 503) && !/^\d+$/.test(headers["retry-after"] ?? "")) problems.push(`${status} without Retry-After`);
  return problems;
}

/** OTLP/HTTP: a `google.rpc.Status` in the encoding of the request. Requests that fail before the routes get problem details. */
function isOtlpStatus({ headers, body }: Answer, otlp: Observation["otlp"]): boolean {
  if (otlp === undefined) return false;
  const type = headers["content-type"] ?? "";
  if (otlp === "protobuf") return type === "application/x-protobuf" && statusOf(body) !== null;
  if (!type.startsWith("application/json")) return false;
  const status = JSON.parse(body.toString()) as { code?: unknown; message?: unknown };
  return typeof status.code === "number" && status.code > 0 && typeof status.message === "string";
}

function problemsOfProblem({ status, headers, body }: Answer, otlp: Observation["otlp"]): string[] {
  // Only errors of the HTTP parser and of connection limits occur before the route is known.
  if (otlp !== undefined && ![400, 408, 413, 414, 417, 431].includes(status)) return [`a ${status} of OTLP without a google.rpc.Status`];
  if (!(headers["content-type"] ?? "").startsWith("application/problem+json")) return [`a ${status} that is not problem details`];
  const problem = JSON.parse(body.toString()) as Record<string, unknown>;
  const wrong: string[] = [];
  if (problem["status"] !== status) wrong.push(`problem details with status ${String(problem["status"])} in a ${status}`);
  if (!/^\/problems\/[a-z-]+$/.test(String(problem["type"]))) wrong.push("problem details without a type");
  if (!/^urn:trace:[0-9a-f]{32}$/.test(String(problem["instance"]))) wrong.push("problem details without a trace id");
  return wrong;
}

/** After 2 UNKNOWN, 13 INTERNAL and 15 DATA_LOSS a sender drops its batch, although the server may be at fault. */
function problemsOfGrpc({ status, message, details, response }: GrpcEnd, secrets: readonly string[]): string[] {
  const problems = [...leaksIn(Buffer.from(message), secrets), ...leaksIn(details, secrets), ...leaksIn(response, secrets)];
  if (status === 2 || status === 15) problems.push(`ended with gRPC status ${status}`);
  return problems;
}

function leaksIn(body: Buffer, secrets: readonly string[]): string[] {
  const text = body.toString("utf8");
  const problems: string[] = [];
  if (insides.test(text)) problems.push(`an answer shows internals: ${insides.exec(text)?.[0]}`);
  if ([canary, ...secrets].some((secret) => text.includes(secret))) problems.push("an answer repeats a value of the request");
  return problems;
}
