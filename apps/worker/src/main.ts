import { setTimeout as pause } from "node:timers/promises";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { loggedError } from "@trinity/http/logged-error";
import { UnderivableError } from "@trinity/storage/replay";
import { storeCheck } from "@trinity/storage/store-check";
import { storesOf } from "@trinity/stores/stores";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { parseConfig } from "./config.ts";
import { startVerifier } from "./verifier.ts";
import { createWorkerApp } from "./worker-app.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 8_000;
const firstCycleAfterMs = 60_000;

function quit(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(2);
}

const config = parseConfig(process.env);
if ("problems" in config) quit(config.problems);

const { TRINITY_VERIFY_INTERVAL: everyMs } = config;
const stores = await storesOf(config);
const store = stores.openEventStore("readonly");
const pausing = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal });
const telemetry = startTelemetry({ serviceName: "trinity-worker", version: "0.1.0", ...telemetryOf(config) });
const { http, countCycle } = createWorkerApp({
  store,
  checks: {
    store: () => storeCheck(() => store.readMark()),
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_WORKER_PORT });
process.stdout.write(`ready ${JSON.stringify({ worker: url })}\n`);

const verifier = startVerifier({
  open: async () => {
    // Only verifies what another process has made.
    await Promise.all([store.readMark(), store.headSeq()]);
    await stores.checkState(() => pause(1));
    const { derivations, lost, close } = await stores.openVerification(clock, pausing);
    const writable = stores.openEventStore("readwrite");
    return { store: writable, derivations, lost, close: async () => void (await Promise.all([writable.close(), close()])) };
  },
  firstAfterMs: Math.min(firstCycleAfterMs, everyMs),
  everyMs,
  clock,
  pause: pausing,
  onCycle: (outcome, report, error) => {
    countCycle(outcome);
    const reason = error instanceof UnderivableError ? error.message : undefined;
    if (outcome === "failed") http.log.error({ error: loggedError(error), reason }, "a cycle of verification failed");
    if (report === null || outcome === "clean") return;
    const { throughSeq, repaired, differing } = report;
    http.log[outcome === "unsettled" ? "error" : "warn"]({ throughSeq, repaired, differing }, "verification found what was not right");
  },
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all([closeWithin(http, stopWithinMs), Promise.race([verifier.stop(), pause(stopWithinMs)])]);
  await Promise.all([store.close(), telemetry.shutdown()]);
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
