import type { Clock } from "@trinity/runtime/clock";
import { Presets, SingleBar } from "cli-progress";

export type Progress = { update(done: number, note?: string): void; stop(): void };

const lineEveryMs = 10_000;

export type SpokenProgressSettings = { readonly clock: Clock; readonly say: (line: string) => void };

/** For long work: a progress bar on a terminal, elsewhere a line at the beginning and every ten seconds. */
export function startSpokenProgress(label: string, total: number, { clock, say }: SpokenProgressSettings): Progress {
  if (process.stderr.isTTY) return startProgress(label, total, false);
  const startedAtMs = clock.nowMs();
  let saidAtMs = startedAtMs;
  say(`${label}: begun`);
  return {
    update: (done) => {
      const nowMs = clock.nowMs();
      if (nowMs - saidAtMs < lineEveryMs) return;
      saidAtMs = nowMs;
      say(
        `${label}: ${Math.floor((100 * Math.min(done, total)) / Math.max(1, total))} % after ${Math.round((nowMs - startedAtMs) / 1_000)} s`,
      );
    },
    stop: () => say(`${label}: ended after ${Math.round((clock.nowMs() - startedAtMs) / 1_000)} s`),
  };
}

/** A progress bar on a terminal; nothing without one, or if the output is for machines. */
export function startProgress(label: string, total: number, quiet: boolean): Progress {
  if (quiet || !process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    { format: `${label} {bar} {percentage}% {note}`, stream: process.stderr, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(Math.max(1, total), 0, { note: "" });
  return {
    update: (done, note = "") => bar.update(Math.min(done, Math.max(1, total)), { note }),
    stop: () => bar.stop(),
  };
}
