/** Reports once, at the end of a run, which tests were skipped, why, and the command that installs what they need. */
import { relative } from "node:path";
import type { UserConsoleLog } from "vitest";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/** The reason of skipped tests, which a test file prints by `console.warn`: what is missing, and the command that installs it. */
const reasonPrefix = "skipped: ";

export type SkippedTests = { readonly path: string; readonly skipped: number };

/** Whether a line is kept for the end of the run. */
export function isSkipReason(line: string): boolean {
  return line.startsWith(reasonPrefix);
}

/** @returns nothing if no test was skipped */
export function skippedText(files: readonly SkippedTests[], reasons: readonly string[]): string {
  const some = files.filter(({ skipped }) => skipped > 0);
  if (some.length === 0) return "";
  const total = some.reduce((sum, { skipped }) => sum + skipped, 0);
  const why = [...new Set(reasons)].sort().map((reason) => `  ${reason}`);
  const where = some.map(({ path, skipped }) => `  ${skipped} of ${path}`).sort();
  return [`${total} tests were skipped:`, ...where, ...(why.length === 0 ? [] : ["because", ...why]), ""].join("\n");
}

export class SkippedTestsReporter implements Reporter {
  readonly #reasons: string[] = [];
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    for (const line of content.split("\n")) if (isSkipReason(line)) this.#reasons.push(line.slice(reasonPrefix.length));
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { config, logger } = this.#vitest as Vitest;
    if (config.testNamePattern !== undefined) return; // a run with a name filter skips the others on purpose
    const files = modules.map((module) => ({
      path: relative(config.root, module.moduleId),
      skipped: [...module.children.allTests("skipped")].length,
    }));
    const text = skippedText(files, this.#reasons);
    if (text !== "") logger.log(text);
  }
}
