import { get } from "node:http";
import { workerData } from "node:worker_threads";

/**
 * Asks `/healthz` continuously, from a thread that the suite never blocks, and records the slowest answer.
 * `slowestMs[0]` is that time; `slowestMs[1]` counts answers that were not 200.
 */
const { port, shared, everyMs } = workerData as { port: number; shared: SharedArrayBuffer; everyMs: number };
const slowestMs = new Int32Array(shared);

function probe(): void {
  const startMs = performance.now();
  let answered = false;
  // A pending request counts with its time so far.
  const watch = setInterval(() => note(performance.now() - startMs), 100);
  const done = (status: number | undefined) => {
    if (answered) return;
    answered = true;
    clearInterval(watch);
    note(performance.now() - startMs);
    if (status !== 200) Atomics.add(slowestMs, 1, 1);
    setTimeout(probe, everyMs);
  };
  get({ host: "127.0.0.1", port, path: "/healthz", agent: false }, (response) => {
    response.resume();
    response.on("end", () => done(response.statusCode));
  }).on("error", () => done(undefined));
}

function note(ms: number): void {
  if (ms > Atomics.load(slowestMs, 0)) Atomics.store(slowestMs, 0, Math.round(ms));
}

probe();
