import { Worker } from "node:worker_threads";

/** Checks that the process answers `/healthz` while cases run. */
export type HealthProbe = {
  /** @returns the slowest answer since the last call, in milliseconds, and how many failed */
  readonly sinceLast: () => { readonly slowestMs: number; readonly failed: number };
  readonly stop: () => Promise<void>;
};

const everyMs = 40;

export function startHealthProbe(port: number): HealthProbe {
  const shared = new SharedArrayBuffer(8);
  const measured = new Int32Array(shared);
  const thread = new Worker(new URL("./health-probe-thread.ts", import.meta.url), { workerData: { port, shared, everyMs } });
  return {
    sinceLast: () => ({ slowestMs: Atomics.exchange(measured, 0, 0), failed: Atomics.exchange(measured, 1, 0) }),
    stop: async () => void (await thread.terminate()),
  };
}
