import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import type { Sleep } from "@trinity/runtime/sleep";
import { simulate } from "@trinity/simulator/simulate";
import { createEventSender } from "./event-sender.ts";
import { runLiveDemo } from "./live-demo.ts";
import { startProgress } from "./progress.ts";
import { sendSimulation } from "./send-simulation.ts";

export type SimulateSettings = {
  readonly url: string;
  readonly key: string;
  readonly seed: number;
  readonly days: number;
  readonly scale: number;
  readonly live: boolean;
  readonly json: boolean;
};

export type SimulateEnvironment = { readonly clock: Clock; readonly sleep: Sleep; readonly random: Random; readonly signal: AbortSignal };

const dayMs = 86_400_000;

/** Sends made-up traffic of the last days, and goes on with live traffic if asked to. */
export async function simulateTraffic(settings: SimulateSettings, { clock, sleep, random, signal }: SimulateEnvironment): Promise<number> {
  const sender = createEventSender({ ...settings, sleep, random, signal });
  const toMs = clock.nowMs();
  const fromMs = toMs - settings.days * dayMs;
  const progress = startProgress("simulate", toMs - fromMs, settings.json);
  try {
    const traffic = simulate({ seed: settings.seed, fromMs, toMs, scale: settings.scale });
    await sendSimulation(traffic, sender, (_messages, untilMs) => progress.update(untilMs - fromMs, `${sender.counts.accepted} accepted`));
  } finally {
    progress.stop();
  }
  const { accepted, duplicates, rejected } = sender.counts;
  const summary = { seed: settings.seed, accepted, duplicates, rejected };
  process.stdout.write(
    settings.json
      ? `${JSON.stringify(summary)}\n`
      : `seed ${settings.seed}: ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected\n`,
  );
  if (settings.live) await runLiveDemo(sender, { seed: settings.seed, clock, sleep, signal });
  return 0;
}
