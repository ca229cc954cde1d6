import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { spreadOf } from "./compare.ts";

/** One measured number beside what is owed. */
export type Figure = {
  /** `npm run bench -- performance --only <section>` measures it again. */
  readonly section: string;
  readonly name: string;
  readonly unit: string;
  readonly better: "more" | "less";
  /** Null for a number that is only watched. */
  readonly owed: { readonly owed: number; readonly goal: number } | null;
  /** A value for each run, in `unit`. */
  readonly runs: readonly number[];
  /** The day and the machine. */
  readonly measured: string;
};

const figuresFile = new URL("../docs/performance.json", import.meta.url);
const page = new URL("../docs/performance.md", import.meta.url);
const [begin, end] = ["<!-- figures: written by `npm run bench -- performance` -->", "<!-- end of figures -->"];

/** Keeps the figures of a section instead of those of an earlier run, and writes the page anew. */
export function keepFigures(section: string, figures: readonly Figure[]): void {
  const kept = existsSync(figuresFile) ? (JSON.parse(readFileSync(figuresFile, "utf8")) as readonly Figure[]) : [];
  const all = [...kept.filter((figure) => figure.section !== section), ...figures];
  writeFileSync(figuresFile, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(page, withFigures(readFileSync(page, "utf8"), all));
}

/** @throws {Error} when the page has no place for the figures */
export function withFigures(text: string, figures: readonly Figure[]): string {
  const [before, rest] = text.split(`${begin}\n`);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/performance.md needs the lines ${begin} and ${end}`);
  return `${before}${begin}\n\n${figuresTable(figures)}\n\n${end}${after}`;
}

/** @returns the figures as a Markdown table: the median, and the least and the most of several runs */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { section, name, unit, owed, runs, measured } = figure;
    const { median, min, max } = spreadOf(runs);
    const spread = runs.length === 1 ? "" : ` (${short(min)} to ${short(max)})`;
    return [
      `\`${section}\``,
      name,
      unit,
      `**${short(median)}**${spread}`,
      owed ? `${owed.owed}` : "",
      owed ? `${owed.goal}` : "",
      verdict(figure),
      measured,
    ];
  });
  const head = ["section", "measure", "unit", "measured", "owed", "goal", "reached", "when, on what"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function verdict({ owed, better, runs }: Figure): string {
  if (owed === null) return "";
  const { median } = spreadOf(runs);
  const holds = (bound: number) => (better === "more" ? median >= bound : median <= bound);
  return holds(owed.goal) ? "goal" : holds(owed.owed) ? "owed" : "no";
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
