import fc from "fast-check";
import { expect, test } from "vitest";
import { problem } from "./problem.ts";
import { problemOfError } from "./problem-of-error.ts";
import { type ProblemSlug, parseProblemSlug, problemTypes } from "./problem-type.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

test("a problem has its title, its page and its trace", () => {
  expect(problem("too-many-requests", { traceId, detail: "300 requests a minute" })).toEqual({
    type: "/problems/too-many-requests",
    title: "Too many requests",
    status: 429,
    detail: "300 requests a minute",
    instance: `urn:trace:${traceId}`,
  });
});

test("without a detail of its own a problem explains its kind", () => {
  expect(problem("forbidden", { traceId }).detail).toBe(problemTypes.forbidden.meaning);
});

test("at most 20 errors are listed, and the rest is counted", () => {
  const errors = Array.from({ length: 1_000 }, (_, index) => ({ path: `/events/${index}`, message: "is not valid" }));
  const body = problem("invalid-input", { traceId, errors });
  expect(body.errors).toEqual(errors.slice(0, 20));
  expect(body.errorsLeftOff).toBe(980);
});

test("a body is at most 64 KiB, for any input", () => {
  const nasty = fc.string({ unit: fc.constantFrom("\0", '"', "\ud800", "€", "\u{1f600}"), minLength: 200, maxLength: 1_000 });
  const errors = fc.array(fc.record({ path: nasty, message: nasty }), { minLength: 15, maxLength: 40 });
  fc.assert(
    fc.property(nasty, errors, (detail, list) => {
      expect(Buffer.byteLength(JSON.stringify(problem("invalid-input", { traceId, detail, errors: list })))).toBeLessThanOrEqual(65_536);
    }),
    { numRuns: 100 },
  );
});

test.each(["__proto__", "constructor", "", "Forbidden", "../forbidden"])("%j is no slug", (text) => {
  expect(parseProblemSlug(text)).toBeNull();
});

test.each<[unknown, ProblemSlug]>([
  [{ statusCode: 413 }, "too-large"],
  [{ statusCode: 415 }, "unsupported-media-type"],
  [{ statusCode: 400 }, "malformed-request"],
  [{ statusCode: 414 }, "uri-too-long"],
  [{ statusCode: 429 }, "too-many-requests"],
  [{ statusCode: 431 }, "headers-too-large"],
  [{ statusCode: 418 }, "malformed-request"],
  [{ statusCode: 503 }, "unavailable"],
  [{ statusCode: 502 }, "internal"],
  [{ statusCode: 200 }, "internal"],
  [{ statusCode: "413" }, "internal"],
  [new Error("boom"), "internal"],
  ["text", "internal"],
  [null, "internal"],
  [undefined, "internal"],
])("%j thrown is answered as %s", (error, slug) => {
  expect(problemOfError(error, "internal")).toEqual({ slug });
});

test("for a sender that drops its data on a 500, an unforeseen error is unavailable", () => {
  expect(problemOfError(new Error("boom"), "unavailable")).toEqual({ slug: "unavailable" });
  expect(problemOfError({ statusCode: 500 }, "unavailable")).toEqual({ slug: "unavailable" });
});
