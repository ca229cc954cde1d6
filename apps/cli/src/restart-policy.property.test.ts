import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backoffMaxMs,
  backoffMinMs,
  configurationCode,
  decideRestart,
  newHistory,
  type ProcessEnd,
  type RestartDecision,
  type RestartHistory,
  stableAfterMs,
  startsMaxBeforeReady,
} from "./restart-policy.ts";

const anyCode = fc.integer({ min: 0, max: 255 }).filter((code) => code !== configurationCode);
const anyWay = fc.oneof(
  anyCode.map((code) => ({ code, signal: null })),
  fc.constantFrom("SIGKILL", "SIGSEGV", "SIGTERM").map((signal) => ({ code: null, signal })),
);
const endAfter = (readyForMs: fc.Arbitrary<number | null>): fc.Arbitrary<ProcessEnd> =>
  fc.tuple(anyWay, readyForMs).map(([way, ready]) => ({ ...way, readyForMs: ready }));
const anyEnd = endAfter(fc.option(fc.integer({ min: 0, max: 10 * stableAfterMs })));
const unstableEnd = endAfter(fc.option(fc.integer({ min: 0, max: stableAfterMs - 1 })));
const anyChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyHistory = fc.record({ failures: fc.nat(2_000), wasReady: fc.boolean() });
const readyBefore: RestartHistory = { failures: 0, wasReady: true };

/** The decisions on successive ends, up to giving up. */
function decisionsOn(ends: readonly ProcessEnd[], random: number, from: RestartHistory = newHistory): RestartDecision[] {
  const decisions: RestartDecision[] = [];
  let history = from;
  for (const end of ends) {
    const decision = decideRestart(history, end, random);
    decisions.push(decision);
    if (decision.kind === "give up") break;
    history = decision.history;
  }
  return decisions;
}

const waitsOf = (decisions: readonly RestartDecision[]) =>
  decisions.map((decision) => (decision.kind === "restart" ? decision.afterMs : null));

describe("a process that ended", () => {
  test("is never started again if its configuration is wrong", () => {
    fc.assert(
      fc.property(anyHistory, anyEnd, anyChance, (history, end, random) => {
        const decision = decideRestart(history, { ...end, code: configurationCode, signal: null }, random);
        expect(decision).toEqual({ kind: "give up", code: configurationCode, why: "configuration" });
      }),
    );
  });

  test("waits at least half of the shortest wait and at most the longest, for any number of ends", () => {
    fc.assert(
      fc.property(fc.array(anyEnd, { maxLength: 200 }), anyChance, (ends, random) => {
        for (const wait of waitsOf(decisionsOn(ends, random, readyBefore))) {
          expect(wait).toBeGreaterThanOrEqual(backoffMinMs / 2);
          expect(wait).toBeLessThanOrEqual(backoffMaxMs);
        }
      }),
    );
  });

  test("waits no shorter than before while it ends before it was stable, and twice as long until the longest wait", () => {
    fc.assert(
      fc.property(fc.array(unstableEnd, { minLength: 2, maxLength: 40 }), anyChance, (ends, random) => {
        const waits = waitsOf(decisionsOn(ends, random, readyBefore)) as number[];
        for (let i = 1; i < waits.length; i++) {
          const doubled = 2 * (waits[i - 1] as number);
          expect(waits[i]).toBeCloseTo(Math.min(doubled, (backoffMaxMs * (1 + random)) / 2), 6);
        }
      }),
    );
  });

  test("waits shortly again once it was ready for a stable time", () => {
    fc.assert(
      fc.property(anyHistory, anyWay, fc.integer({ min: stableAfterMs, max: 1e9 }), anyChance, (history, way, readyForMs, random) => {
        const decision = decideRestart(history, { ...way, readyForMs }, random);
        expect(decision).toMatchObject({ kind: "restart", history: { failures: 1, wasReady: true } });
        expect(waitsOf([decision])[0]).toBeLessThanOrEqual(backoffMinMs);
      }),
    );
  });

  test("is started again for ever if it was ever ready", () => {
    fc.assert(
      fc.property(fc.array(anyEnd, { maxLength: 200 }), anyChance, (ends, random) => {
        expect(decisionsOn(ends, random, readyBefore).every(({ kind }) => kind === "restart")).toBe(true);
      }),
    );
  });

  test("is started so many times and no more if it never was ready, and its code is that of the product, never 0", () => {
    fc.assert(
      fc.property(fc.array(endAfter(fc.constant(null)), { minLength: 20, maxLength: 30 }), anyChance, (ends, random) => {
        const decisions = decisionsOn(ends, random);
        expect(decisions).toHaveLength(startsMaxBeforeReady);
        const code = ends[startsMaxBeforeReady - 1]?.code;
        expect(decisions.at(-1)).toEqual({ kind: "give up", why: "never ready", code: code || 1 });
      }),
    );
  });
});
