import { expect, test } from "vitest";
import { closingLine } from "./closing-line.ts";
import { countTests, type TestResult } from "./test-results.ts";

const file = (status: string, ...statuses: TestResult["status"][]) => ({
  name: "a.test.ts",
  status,
  message: "",
  assertionResults: statuses.map((each) => ({ fullName: "a", title: "a", status: each })),
});

test("tests are counted over all files, and tests that did not run are skipped", () => {
  const results = {
    success: false,
    testResults: [file("passed", "passed", "skipped"), file("failed", "passed", "failed", "todo", "pending")],
  };
  expect(countTests(results)).toEqual({ passed: 2, failed: 1, skipped: 3 });
});

test("a file that does not load counts as one failure", () => {
  expect(countTests({ success: false, testResults: [file("passed", "passed"), file("failed")] })).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

test("the closing line names skipped tests only when there are some", () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 }, 0)).toBe("12 passed, 0 failed");
  expect(closingLine({ passed: 12, failed: 1, skipped: 2 }, 1)).toBe("12 passed, 1 failed, 2 skipped");
});

test("a run that failed never closes with 0 failed", () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 }, 1)).toBe("12 passed, 1 failed");
});
