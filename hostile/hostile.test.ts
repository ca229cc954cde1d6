import { describe, expect, test } from "vitest";
import type { Observation } from "./hostile-case.ts";
import { canary } from "./hostile-context.ts";
import { createLedger, enter } from "./ledger.ts";
import { problemsOfAnswers } from "./problems-of-answer.ts";
import { hasFailed, resultTable } from "./result-table.ts";
import { runHostile } from "./run-hostile.ts";

const seed = 20_261_122;

test("every hostile request gets the expected answer, and no event is lost", { timeout: 400_000 }, async () => {
  const results = await runHostile({ seed, mutations: 60, nowMs: () => Date.now() });
  expect(results.length).toBeGreaterThan(300);
  expect(results.filter(hasFailed), resultTable(results).join("\n")).toEqual([]);
});

describe("the suite notices", () => {
  const problem = { type: "/problems/malformed-request", title: "", status: 400, detail: "", instance: `urn:trace:${"a".repeat(32)}` };
  const answer = (changes: object, body: object = problem): Observation => ({
    answers: [
      { status: 400, headers: { "content-type": "application/problem+json" }, body: Buffer.from(JSON.stringify(body)), ...changes },
    ],
  });

  test("no problem in a correct error", () => {
    expect(problemsOfAnswers(answer({}), ["a-key"])).toEqual([]);
  });

  test.each<[string, Observation]>([
    ["an internal error", answer({ status: 500 }, { ...problem, status: 500 })],
    ["an error that is not problem details", answer({ headers: { "content-type": "text/plain" } })],
    ["problem details with another status", answer({}, { ...problem, status: 404 })],
    ["an error without a trace id", answer({}, { ...problem, instance: "" })],
    ["an error of more than 64 KiB", answer({}, { ...problem, detail: "x".repeat(65 * 1024) })],
    ["a stack", answer({}, { ...problem, detail: "at parse (/app/src/main.ts:1:1)" })],
    ["a value of the request", answer({}, { ...problem, detail: `not ${canary}` })],
    ["a key", answer({}, { ...problem, detail: "wrong key a-key" })],
    ["429 without Retry-After", answer({ status: 429 }, { ...problem, status: 429 })],
    ["an OTLP error that is problem details", { ...answer({ status: 415 }, { ...problem, status: 415 }), otlp: "protobuf" }],
    [
      "a gRPC call that ends with UNKNOWN",
      { answers: [], grpc: { status: 2, message: "", details: Buffer.alloc(0), response: Buffer.alloc(0) } },
    ],
  ])("%s", (_, seen) => {
    expect(problemsOfAnswers(seen, ["a-key"])).not.toEqual([]);
  });

  test("an event that was counted but is not in the answer, and one that is in the answer but was not counted", () => {
    const reported: Observation = {
      answers: [{ status: 202, headers: {}, body: Buffer.from('{"accepted":2,"duplicates":0,"rejected":[]}') }],
      records: 2,
    };
    expect(enter(createLedger(), reported, { accepted: 2, duplicate: 0, rejected: 0 })).toEqual([]);
    expect(enter(createLedger(), reported, { accepted: 3, duplicate: 0, rejected: 0 })).not.toEqual([]);
    expect(enter(createLedger(), reported, { accepted: 1, duplicate: 0, rejected: 0 })).not.toEqual([]);
    expect(enter(createLedger(), { answers: [] }, { accepted: 0, duplicate: 0, rejected: 1 })).not.toEqual([]);
  });
});
