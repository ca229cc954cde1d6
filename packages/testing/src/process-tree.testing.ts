import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { isRunning } from "./product-pids.testing.ts";

/** Kills a child of this process and all processes below it. @returns once all have ended, so that their files can be removed */
export async function killTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const pids = [child.pid, ...descendantsOf(child.pid)];
  for (const pid of pids.filter(isRunning)) process.kill(pid, "SIGKILL");
  while (pids.some(isRunning)) await after(10);
}

function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

export function childrenOf(pid: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"));
    return tasks.flatMap((pids) => pids.split(" ").filter(Boolean).map(Number));
  } catch {
    return []; // it ended meanwhile
  }
}
