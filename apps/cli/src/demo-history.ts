import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { usualDefects } from "@trinity/simulator/defects";
import { simulate } from "@trinity/simulator/simulate";
import type { EventSender } from "./event-sender.ts";
import { type SpokenProgressSettings, startSpokenProgress } from "./progress.ts";
import { sendSimulation } from "./send-simulation.ts";

const dayMs = 86_400_000;
const historyDays = 30;
const demoSeed = 20_260_101;
/** Of the community that the live demo shows: with more people `npm start` takes more than 20 seconds. */
const historyScale = 0.35;

/** Until when the store of this folder has made-up history; `null` when it has none. */
function demoFilledUntilMs(localDir: string): number | null {
  try {
    return (JSON.parse(readFileSync(progressFile(localDir), "utf8")) as { filledUntilMs: number }).filledUntilMs;
  } catch {
    return null;
  }
}

/** `isNew`: the store is empty, even if the folder has a record of history. */
export type DemoPlace = { readonly localDir: string; readonly isNew: boolean };

/** Sends the missing part of the last 30 days of made-up history, and records its progress. Shows the progress. */
export async function fillDemoHistory({ localDir, isNew }: DemoPlace, sender: EventSender, spoken: SpokenProgressSettings): Promise<void> {
  const nowMs = spoken.clock.nowMs();
  const filledUntilMs = isNew ? null : demoFilledUntilMs(localDir);
  const fromMs = Math.max(filledUntilMs ?? 0, nowMs - historyDays * dayMs);
  const progress = startSpokenProgress(`${historyDays} days of made-up history`, nowMs - fromMs, spoken);
  try {
    const traffic = simulate({ seed: demoSeed, fromMs, toMs: nowMs, scale: historyScale, defects: usualDefects });
    await sendSimulation(traffic, sender, (_messages, untilMs) => progress.update(untilMs - fromMs));
  } finally {
    progress.stop();
  }
  writeFileSync(progressFile(localDir), JSON.stringify({ filledUntilMs: nowMs }), { mode: 0o600 });
}

function progressFile(localDir: string): string {
  return join(localDir, "demo.json");
}
