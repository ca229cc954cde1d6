import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { usualDefects } from "@trinity/simulator/defects";
import { simulate } from "@trinity/simulator/simulate";
import type { EventSender } from "./event-sender.ts";
import { startProgress } from "./progress.ts";
import { sendSimulation } from "./send-simulation.ts";

const dayMs = 86_400_000;
const historyDays = 30;
const demoSeed = 20_260_101;

/** How far a data folder is filled with made-up history; `null` when it is not. */
export function demoFilledUntilMs(dataDir: string): number | null {
  try {
    return (JSON.parse(readFileSync(markFile(dataDir), "utf8")) as { filledUntilMs: number }).filledUntilMs;
  } catch {
    return null;
  }
}

/** Sends what is missing of the last 30 days of made-up history, and remembers how far it got. */
export async function fillDemoHistory(dataDir: string, sender: EventSender, nowMs: number): Promise<void> {
  const fromMs = Math.max(demoFilledUntilMs(dataDir) ?? 0, nowMs - historyDays * dayMs);
  const progress = startProgress("demo history", nowMs - fromMs, false);
  await sendSimulation(simulate({ seed: demoSeed, fromMs, toMs: nowMs, scale: 1, defects: usualDefects }), sender, (_messages, untilMs) =>
    progress.update(untilMs - fromMs),
  );
  progress.stop();
  writeFileSync(markFile(dataDir), JSON.stringify({ filledUntilMs: nowMs }), { mode: 0o600 });
}

function markFile(dataDir: string): string {
  return join(dataDir, "demo.json");
}
