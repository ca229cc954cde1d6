import { expect, test } from "vitest";
import { decideRestart, newHistory } from "./restart-policy.ts";

const end = { code: 1, signal: null, readyForMs: 0 };
const waitAfter = (failures: number, random: number) => {
  const decision = decideRestart({ failures, wasReady: true }, end, random);
  return decision.kind === "restart" ? decision.afterMs : null;
};

test("the wait doubles from a quarter of a second to half a minute; jitter reduces it by up to half", () => {
  expect([0, 1, 2, 6, 7, 100].map((failures) => waitAfter(failures, 1))).toEqual([250, 500, 1_000, 16_000, 30_000, 30_000]);
  expect([0, 1, 2, 6, 7, 100].map((failures) => waitAfter(failures, 0))).toEqual([125, 250, 500, 8_000, 15_000, 15_000]);
});

test("a process that was never ready is given up at its sixth end", () => {
  let history = newHistory;
  for (let ends = 1; ends <= 5; ends++) {
    const decision = decideRestart(history, { ...end, readyForMs: null }, 0);
    if (decision.kind !== "restart") throw new Error(`given up at ${ends}`);
    ({ history } = decision);
  }
  expect(decideRestart(history, { ...end, readyForMs: null }, 0)).toEqual({ kind: "give up", code: 1, why: "never ready" });
});

test("a minute of being ready makes a process stable", () => {
  const failuresAfter = (readyForMs: number) => decideRestart({ failures: 4, wasReady: true }, { ...end, readyForMs }, 0);
  expect(failuresAfter(59_999)).toMatchObject({ history: { failures: 5 } });
  expect(failuresAfter(60_000)).toMatchObject({ history: { failures: 1 } });
});
