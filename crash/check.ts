/** One condition that must be true. */
export type Check = { readonly what: string; readonly expected: string; readonly found: string; readonly passed: boolean };

export function check(what: string, expected: number | string, found: number | string): Check {
  return { what, expected: `${expected}`, found: `${found}`, passed: expected === found };
}

export function tableOf(checks: readonly Check[]): string {
  const rows = checks.map(({ what, expected, found, passed }) => [what, expected, found, passed ? "passed" : "FAILED"]);
  return [["", "expected", "found", ""], ["---", "---:", "---:", "---"], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
