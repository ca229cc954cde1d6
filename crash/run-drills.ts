import type { Clock } from "@trinity/runtime/clock";
import { type Drill, type DrillStep, type Environment, SkippedDrill, step } from "./drills/drill.ts";
import { openDrillPlace } from "./drills/drill-place.ts";

/** The result of one drill; `skipped` is the reason why it could not run here. */
export type DrillResult = {
  readonly row: string;
  readonly what: string;
  readonly steps: readonly DrillStep[];
  readonly skipped: string | null;
  readonly tookMs: number;
};

export type DrillSettings = {
  readonly drills: readonly Drill[];
  readonly environment: Environment;
  readonly clock: Clock;
  readonly onProgress: (line: string) => void;
};

/** Runs the drills in order, each in a separate folder. A drill that throws is a failed step. */
export async function runDrills({ drills, environment, clock, onProgress }: DrillSettings): Promise<readonly DrillResult[]> {
  const results: DrillResult[] = [];
  for (const { row, what, run } of drills) {
    onProgress(`row ${row}: ${what}`);
    const fromMs = clock.nowMs();
    const { steps, skipped } = await runOne(run, environment, clock);
    results.push({ row, what, steps, skipped, tookMs: clock.nowMs() - fromMs });
  }
  return results;
}

async function runOne(run: Drill["run"], environment: Environment, clock: Clock): Promise<Pick<DrillResult, "steps" | "skipped">> {
  try {
    const place = openDrillPlace(environment, clock);
    try {
      return { steps: await run(place), skipped: null };
    } finally {
      await place.close();
    }
  } catch (error) {
    if (error instanceof SkippedDrill) return { steps: [], skipped: error.message };
    return { steps: [step("the drill finishes", error instanceof Error ? error.message : "unknown reason", false)], skipped: null };
  }
}

/** A row of text for each step. */
export function drillTable(results: readonly DrillResult[]): string {
  const lines = results.flatMap(({ row, what, steps, skipped }) =>
    skipped === null
      ? steps.map(({ expected, seen, passed }, i) => [
          i === 0 ? row : "",
          i === 0 ? what : "",
          expected,
          seen,
          passed ? "passed" : "FAILED",
        ])
      : [[row, what, "", skipped, "skipped"]],
  );
  const cellOf = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const header = ["row", "what was done", "expected", "seen", ""];
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.map(cellOf).join(" | ")} |`).join("\n");
}

/** Whether at least one drill ran, and all that ran succeeded. */
export function allPassed(results: readonly DrillResult[]): boolean {
  return results.every(({ steps }) => steps.every(({ passed }) => passed));
}
