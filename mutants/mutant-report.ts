import type { Explained } from "./explained.ts";

/** One planted fault with its outcome, as in Stryker's JSON report (mutation-testing-report-schema). */
export type Mutant = {
  readonly file: string;
  readonly line: number;
  /** The line that it begins on, without its indentation. */
  readonly at: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "RuntimeError" | "CompileError" | "Ignored" | "Pending";
};

export type FileSummary = {
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  /** A test timed out, so the fault was noticed. */
  readonly timedOut: number;
  readonly explained: number;
  readonly survived: number;
};

type StrykerMutant = {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: Mutant["status"];
  readonly location: { readonly start: Position; readonly end: Position };
};
type Position = { readonly line: number; readonly column: number };
export type StrykerReport = {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>;
};

export function mutantsOf({ files }: StrykerReport): readonly Mutant[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map(({ mutatorName, replacement = "", status, location }) => ({
      file,
      line: location.start.line,
      at: lineOf(source, location.start.line),
      mutator: mutatorName,
      original: onOneLine(textBetween(source, location.start, location.end)),
      replacement: onOneLine(replacement),
      status,
    })),
  );
}

/** Mutants without a failing test and without an explanation. */
export function unexplainedOf(mutants: readonly Mutant[], explained: readonly Explained[]): readonly Mutant[] {
  return mutants.filter((mutant) => hasSurvived(mutant) && !isExplained(mutant, explained));
}

/** Wrong explanations: a right one names one line, all of whose faults with those texts survived. */
export function wrongExplanations(mutants: readonly Mutant[], explained: readonly Explained[]): readonly Explained[] {
  const files = new Set(mutants.map(({ file }) => file));
  return explained.filter((one) => {
    const meant = mutants.filter((mutant) => isExplained(mutant, [one]));
    return files.has(one.file) && (new Set(meant.map(({ line }) => line)).size !== 1 || !meant.every(hasSurvived));
  });
}

export function summariesOf(mutants: readonly Mutant[], explained: readonly Explained[]): readonly FileSummary[] {
  const byFile = Object.groupBy(
    mutants.filter(({ status }) => status !== "Ignored" && status !== "CompileError"),
    ({ file }) => file,
  );
  return Object.entries(byFile).map(([file, own = []]) => ({
    file,
    mutants: own.length,
    killed: own.filter(({ status }) => status === "Killed" || status === "RuntimeError").length,
    timedOut: own.filter(({ status }) => status === "Timeout").length,
    explained: own.filter((mutant) => hasSurvived(mutant) && isExplained(mutant, explained)).length,
    survived: unexplainedOf(own, explained).length,
  }));
}

/** The summaries as a table, and a last row that adds them up. */
export function mutantTable(summaries: readonly FileSummary[]): string {
  const total = (name: Exclude<keyof FileSummary, "file">) => summaries.reduce((sum, summary) => sum + summary[name], 0);
  const rows = [
    ...summaries.map(({ file, ...counts }) => [file, counts.mutants, counts.killed, counts.timedOut, counts.explained, counts.survived]),
    ["all", total("mutants"), total("killed"), total("timedOut"), total("explained"), total("survived")],
  ];
  const head = ["file", "mutants", "killed", "timed out", "explained", "survived"];
  return [head, ["---", ...head.slice(1).map(() => "---:")], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function hasSurvived({ status }: Mutant): boolean {
  return status === "Survived" || status === "NoCoverage";
}

function isExplained({ file, at, original, replacement }: Mutant, explained: readonly Explained[]): boolean {
  return explained.some((one) => one.file === file && one.at === at && one.original === original && one.replacement === replacement);
}

/** @param line counts from 1 */
export function lineOf(source: string, line: number): string {
  return onOneLine(source.split("\n")[line - 1] ?? "");
}

/** Lines and columns of the report count from 1. */
function textBetween(source: string, start: Position, end: Position): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines.map((line, i) => line.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined)).join("\n");
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
