import { expect, test } from "vitest";
import { startSpokenProgress } from "./progress.ts";

test("without a terminal, a line reports the beginning, the progress every ten seconds, and the end", () => {
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
