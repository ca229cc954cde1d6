import { type Contender, runTrial, type Trial, type TrialSettings } from "./trial.ts";

export type Case = { readonly batchEvents: number; readonly burst: number };
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export type Comparison = Case & {
  readonly trials: Readonly<Record<Contender, readonly Trial[]>>;
  /** The ratio to the floor that ran right before, pair by pair, because machines vary more than the difference to measure. */
  readonly throughputOfFloor: Spread;
  readonly cpuOfFloor: Spread;
};

export type CompareSettings = Omit<TrialSettings, "traffic" | "batchEvents"> & {
  readonly pairs: number;
  readonly seed: number;
  readonly events: number;
  readonly spanMs: number;
  readonly nowMs: number;
  readonly onTrial: (name: string, trial: Trial) => void;
};

/** Runs floor and ingest in turn, each time on new ids. */
export async function compare({ batchEvents, burst }: Case, settings: CompareSettings): Promise<Comparison> {
  const { pairs, seed, events, spanMs, nowMs, onTrial, ...rest } = settings;
  const trials: Record<Contender, Trial[]> = { floor: [], ingest: [] };
  for (let pair = 0; pair < pairs; pair++) {
    for (const contender of ["floor", "ingest"] as const) {
      const traffic = { seed: seed + pair, events: events + rest.warmUpEvents, burst, startMs: nowMs - spanMs, spanMs };
      const trial = await runTrial(contender, { ...rest, traffic, batchEvents });
      trials[contender].push(trial);
      onTrial(`batch ${batchEvents}, burst ${burst}, pair ${pair + 1}, ${contender}`, trial);
    }
  }
  const ofFloor = (read: (trial: Trial) => number) =>
    spreadOf(trials.ingest.map((trial, i) => read(trial) / read(trials.floor[i] as Trial)));
  return {
    batchEvents,
    burst,
    trials,
    throughputOfFloor: ofFloor(({ eventsPerSecond }) => eventsPerSecond),
    cpuOfFloor: ofFloor(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
  };
}

/** @param values at least one; the median of an even number is the mean of the two in the middle */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return { median: (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2, min: at(0), max: at(sorted.length - 1) };
}
