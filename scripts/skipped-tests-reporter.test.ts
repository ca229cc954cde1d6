import { expect, test } from "vitest";
import { skippedText } from "./skipped-tests-reporter.ts";

test("nothing is printed if no test was skipped", () => {
  expect(skippedText([{ path: "a.test.ts", skipped: 0 }], ["java is not installed: scripts/install-peers.sh"])).toBe("");
});

test("each file and each reason is named once, with the command", () => {
  const reason = "java is not installed: scripts/install-peers.sh";
  const files = [
    { path: "b.test.ts", skipped: 40 },
    { path: "a.test.ts", skipped: 2 },
    { path: "c.test.ts", skipped: 0 },
  ];
  expect(skippedText(files, [reason, reason])).toBe(
    "42 tests were skipped:\n  2 of a.test.ts\n  40 of b.test.ts\nbecause\n  java is not installed: scripts/install-peers.sh\n",
  );
});
