import { Presets, SingleBar } from "cli-progress";

export type Progress = { update(done: number, note?: string): void; stop(): void };

/** A progress bar on a terminal; silence where nobody watches, or where the output is for machines. */
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
