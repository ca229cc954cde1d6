/** The fields of vitest's JSON report that we read. */
export type TestResults = {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: "passed" | "failed" | string;
    readonly message: string;
    readonly assertionResults: readonly TestResult[];
  }[];
};

export type TestResult = {
  readonly fullName: string;
  readonly title: string;
  readonly status: "passed" | "failed" | "skipped" | "pending" | "todo" | "disabled";
  readonly failureMessages?: readonly string[];
  readonly meta?: { readonly propertyRuns?: number };
};

export type TestCounts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** Counts tests; a file that failed before or after its tests counts as one failed test. */
export function countTests(results: TestResults): TestCounts {
  const tests = results.testResults.flatMap((file) => file.assertionResults);
  const brokenFiles = results.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const passed = tests.filter((test) => test.status === "passed").length;
  const failed = tests.filter((test) => test.status === "failed").length + brokenFiles.length;
  return { passed, failed, skipped: tests.length - passed - (failed - brokenFiles.length) };
}
