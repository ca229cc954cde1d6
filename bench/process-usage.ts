import { readFileSync } from "node:fs";
import { childrenOf } from "@trinity/testing/process-tree";

/** `script` is what the process runs, as a path in this repository. */
export type ProcessMemory = { readonly script: string; readonly peakMiB: number };
export type ProcessUsage = { readonly cpuSeconds: number; readonly peakMiB: number };

/** The kernel counts in ticks of 10 ms on every platform that Node runs on under Linux. */
const ticksPerSecond = 100;

/** The usage of a process since its start, all its threads together; from `/proc`, so only under Linux. */
export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may contain anything, so fields are counted after it. utime and stime are the 14th and 15th of all.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return { cpuSeconds: ((fields[11] as number) + (fields[12] as number)) / ticksPerSecond, peakMiB: peakKiB / 1024 };
}

/** @returns a process and all below it that still run */
export function processesOf(pid: number): readonly ProcessMemory[] {
  const script = readFileSync(`/proc/${pid}/cmdline`, "utf8")
    .split("\0")
    .find((part) => part.endsWith(".ts"));
  const path = script?.replace(new URL("../", import.meta.url).pathname, "") ?? `${pid}`;
  return [{ script: path, peakMiB: processUsage(pid).peakMiB }, ...childrenOf(pid).flatMap(processesOf)];
}
