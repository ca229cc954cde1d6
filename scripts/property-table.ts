import type { TestResults } from "./test-results.ts";

/** The ten properties of the product, by number. */
const propertyTitles: readonly string[] = [
  "event tracking completeness",
  "metrics aggregation consistency",
  "real-time freshness",
  "privacy",
  "performance and scale",
  "alert accuracy",
  "retention",
  "export integrity",
  "insight accuracy",
  "rate limiting",
];
const runsMin = 100;

export type PropertyRow = {
  readonly number: number;
  readonly title: string;
  readonly tests: number;
  /** The smallest number of inputs that one of its tests tried; null when no test says. */
  readonly runs: number | null;
  readonly outcome: "pass" | "fail" | "too few runs" | "not yet";
};

/** One row a property, in order; a property without a test is "not yet", one that tried fewer than 100 inputs proves too little. */
export function propertyRows(results: TestResults): PropertyRow[] {
  const tests = results.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === "passed" || test.status === "failed");
  return propertyTitles.map((title, index) => {
    const number = index + 1;
    const own = tests.filter((test) => new RegExp(`Feature: analytics-system, Property ${number}:`).test(test.fullName));
    const counted = own.flatMap((test) => test.meta?.propertyRuns ?? []);
    const runs = counted.length === 0 ? null : Math.min(...counted);
    return { number, title, tests: own.length, runs, outcome: outcomeOf(own, runs) };
  });
}

function outcomeOf(tests: readonly { readonly status: string }[], runs: number | null): PropertyRow["outcome"] {
  if (tests.length === 0) return "not yet";
  if (tests.some((test) => test.status === "failed")) return "fail";
  return runs === null || runs < runsMin ? "too few runs" : "pass";
}

/** The rows as a table of plain text, columns aligned. */
export function formatPropertyTable(rows: readonly PropertyRow[]): string {
  const lines = [
    ["N", "property", "tests", "runs", "outcome"],
    ...rows.map((row) => [`${row.number}`, row.title, `${row.tests}`, row.runs === null ? "-" : `${row.runs}`, row.outcome]),
  ];
  const widths = [2, 32, 5, 6, 12];
  return lines
    .map((cells) =>
      cells.map((cell, column) => (column === 1 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((cells) => cells.join("  ").trimEnd())
    .join("\n");
}
