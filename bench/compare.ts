import type { RequestSettings } from "./requests.ts";
import { type Contender, runTrial, type Trial, type TrialSettings } from "./trial.ts";
import type { TrafficSettings } from "./vote-traffic.ts";

/** A server, and how requests carry the events to it. */
export type Side = Pick<RequestSettings, "format" | "sends"> & { readonly server: Contender };

/** One traffic, sent to two sides in turn. The peer is what ingest is compared with: the floor, or ingest itself with other requests. */
export type Case = Pick<TrafficSettings, "burst" | "ids"> & {
  readonly batchEvents: number;
  readonly connections: number;
  readonly peer: Side;
  readonly ingest: Side;
};

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export type Comparison = Case & {
  readonly trials: Readonly<Record<"peer" | "ingest", readonly Trial[]>>;
  /** The ratios to the peer that ran right before, pair by pair, because machines vary more than the difference to measure. */
  readonly rateOfPeer: readonly number[];
  readonly cpuOfPeer: readonly number[];
};

export type CompareSettings = Omit<TrialSettings, "requests" | "connections" | "eventsPerSecond"> & {
  readonly pairs: number;
  readonly seed: number;
  readonly events: number;
  readonly spanMs: number;
  readonly nowMs: number;
  readonly onTrial: (name: string, trial: Trial) => void;
};

export const floor: Side = { server: "floor", format: "json", sends: 1 };
export const json: Side = { server: "ingest", format: "json", sends: 1 };

/** Runs both sides in turn, each time on new ids. */
export async function compare(compared: Case, settings: CompareSettings): Promise<Comparison> {
  const { batchEvents, burst, ids = "time", connections } = compared;
  const { pairs, seed, events, spanMs, nowMs, onTrial, ...rest } = settings;
  const trials: { readonly peer: Trial[]; readonly ingest: Trial[] } = { peer: [], ingest: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const traffic = { seed: seed + pair, events: events + rest.warmUpEvents, burst, ids, startMs: nowMs - spanMs, spanMs };
    for (const name of ["peer", "ingest"] as const) {
      const { server, format, sends } = compared[name];
      const requests = { traffic, format, batchEvents, sends };
      const trial = await runTrial(server, { ...rest, requests, connections, eventsPerSecond: null });
      trials[name].push(trial);
      onTrial(`batch ${batchEvents}, burst ${burst}, pair ${pair + 1}, ${sideName(compared[name])}`, trial);
    }
  }
  const ofPeer = (read: (trial: Trial) => number) => trials.ingest.map((trial, i) => read(trial) / read(trials.peer[i] as Trial));
  return {
    ...compared,
    trials,
    rateOfPeer: ofPeer(({ eventsPerSecond }) => eventsPerSecond),
    cpuOfPeer: ofPeer(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
  };
}

export function sideName({ server, format, sends }: Side): string {
  return `${server}${format === "json" ? "" : `, ${format}`}${sends === 1 ? "" : `, sent ${sends} times`}`;
}

/** @param values at least one; the median of an even number is the mean of the two in the middle */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return { median: (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2, min: at(0), max: at(sorted.length - 1) };
}
