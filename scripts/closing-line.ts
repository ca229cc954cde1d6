/** Prints `N passed, N failed` for the last test run: `node scripts/closing-line.ts <exit code of the run>`; exits with that code, or 1 when a test failed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countTests, type TestCounts, type TestResults } from "./test-results.ts";

/** A run that failed without a failing test (a check before the tests, an error between them) counts as one failure. */
export function closingLine(counts: TestCounts, exitCode: number): string {
  const failed = exitCode !== 0 && counts.failed === 0 ? 1 : counts.failed;
  return `${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`;
}

function main(): void {
  const exitCode = Number(process.argv[2] ?? 0);
  const path = join(import.meta.dirname, "../.cache/test-results.json");
  const ran = existsSync(path);
  if (!ran) console.error("No test ran: the checks before the tests failed.");
  const counts = ran ? countTests(JSON.parse(readFileSync(path, "utf8")) as TestResults) : { passed: 0, failed: 1, skipped: 0 };
  console.log(closingLine(counts, exitCode));
  process.exitCode = counts.failed > 0 ? exitCode || 1 : exitCode;
}

if (import.meta.main) main();
