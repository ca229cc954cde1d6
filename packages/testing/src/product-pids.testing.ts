import { readFileSync } from "node:fs";

export type ProductApp = "ingest" | "api" | "worker";

/** The processes that a process of `npm start` runs, by app; one that is not there is absent. */
export function productPids(parent: number): Partial<Record<ProductApp, number>> {
  const pids = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return Object.fromEntries(pids.map((pid) => [appOf(pid), pid]));
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function appOf(pid: number): string {
  try {
    return /apps\/(\w+)\/src/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8"))?.[1] ?? "";
  } catch {
    return ""; // it ended meanwhile
  }
}
