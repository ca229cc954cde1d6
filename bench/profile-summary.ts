import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** A CPU profile in V8's format. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

export type SelfTime = { readonly name: string; readonly ms: number; readonly share: number };

/** @returns the self time of a thread by function, most first; shares are of its busy time */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, limit: number): readonly SelfTime[] {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, frameName(callFrame)]));
  const microseconds = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const name = nameOf.get(id) as string;
    microseconds.set(name, (microseconds.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  microseconds.delete("(idle)");
  const busy = [...microseconds.values()].reduce((sum, us) => sum + us, 0);
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([name, us]) => ({ name, ms: us / 1_000, share: us / busy }));
}

const threads = ["/storage-sqlite/src/checkpoint-worker.ts", "/fold-thread/main.ts", "/ingest/src/main.ts"];

/** @returns the script of ours that a thread ran, as far as its profile shows */
export function threadOf({ nodes }: CpuProfile): string {
  const urls = new Set(nodes.map(({ callFrame }) => callFrame.url));
  return threads.find((path) => [...urls].some((url) => url.endsWith(path))) ?? "another thread";
}

function frameName({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  return `${name} ${url.startsWith("file:") ? basename(fileURLToPath(url)) : url}:${lineNumber + 1}`;
}
