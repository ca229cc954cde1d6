import { readFileSync } from "node:fs";

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
