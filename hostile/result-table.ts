import { rowTitles } from "./row-titles.ts";
import type { CaseResult } from "./run-cases.ts";

/** @returns a line for each row of the threat model: cases, passed, failed */
export function resultTable(results: readonly CaseResult[]): readonly string[] {
  const rows = Object.groupBy(results, ({ row }) => row);
  const order = Object.keys(rowTitles);
  const line = (row: string, title: string, cases: readonly CaseResult[]) => {
    const failed = cases.filter(hasFailed).length;
    return [
      row.padEnd(9),
      title.padEnd(44),
      ...[cases.length, cases.length - failed, failed].map((count) => String(count).padStart(8)),
    ].join("");
  };
  return [
    `${"row".padEnd(9)}${"".padEnd(44)}${["cases", "passed", "failed"].map((name) => name.padStart(8)).join("")}`,
    ...Object.keys(rows)
      .sort((a, b) => order.indexOf(a) - order.indexOf(b))
      .map((row) => line(row, rowTitles[row] ?? "", rows[row] ?? [])),
    line("all", "", results),
  ];
}

export function hasFailed({ problems }: CaseResult): boolean {
  return problems.length > 0;
}
