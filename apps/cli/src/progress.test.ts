import { expect, test } from "vitest";
import { startSpokenProgress } from "./progress.ts";

test("where nobody watches a terminal, work says that it began, how far it is every ten seconds, and that it ended", () => {
  let nowMs = 0;
  const lines: string[] = [];
  const progress = startSpokenProgress("history", 200, { clock: { nowMs: () => nowMs }, say: (line) => lines.push(line) });
  for (const [atMs, done] of [
    [9_999, 20],
    [10_000, 30],
    [12_000, 60],
    [20_000, 110],
  ] as const) {
    nowMs = atMs;
    progress.update(done);
  }
  nowMs = 31_400;
  progress.stop();
  expect(lines).toEqual(["history: begun", "history: 15 % after 10 s", "history: 55 % after 20 s", "history: ended after 31 s"]);
});
