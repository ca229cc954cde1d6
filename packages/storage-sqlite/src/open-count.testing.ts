import { readdirSync, readlinkSync } from "node:fs";

/** Whether the system tells which files a process has open. */
export const tellsOpenFiles = process.platform === "linux";

/** How often this process has a file open. */
export function openCount(path: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => linkOf(`/proc/self/fd/${fd}`) === path).length;
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // the descriptor by which the folder itself was read
  }
}
