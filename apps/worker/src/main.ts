import { metricsOfSet } from "@trinity/aggregation/metric-catalogue";
import { openLogColumns } from "@trinity/columns/log-columns";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import { createWaitingCount } from "@trinity/columns/waiting-events";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { loggedError } from "@trinity/http/logged-error";
import { orQuit, quit } from "@trinity/lifecycle/quit";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import type { Repeating } from "@trinity/runtime/repeating";
import { timerSleep } from "@trinity/runtime/sleep";
import { UnderivableError } from "@trinity/storage/shadow-state";
import { storeCheck } from "@trinity/storage/store-check";
import { unresolvedBucketsMax } from "@trinity/storage/verification-store";
import { createDiskCheck } from "@trinity/store-factory/disk-check";
import { loadPseudonymKey } from "@trinity/store-factory/pseudonym-key";
import { storesOf } from "@trinity/store-factory/stores";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { logCheckResult, readLogCheck } from "@trinity/verification/log-check";
import { Recounting } from "@trinity/verification/recounting";
import { parseConfig } from "./config.ts";
import { openLogCheckLease } from "./log-check-lease.ts";
import { startLogChecker } from "./log-checker.ts";
import { openSealLease } from "./seal-lease.ts";
import { startSealer } from "./sealer.ts";
import { createSkipLog } from "./skip-log.ts";
import { startVerifier } from "./verifier.ts";
import { createWorkerApp } from "./worker-app.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 8_000;
const firstCycleAfterMs = 60_000;
const sealEveryMs = 10_000;
const stopRequests = takeStopRequests(process);

const config = orQuit(parseConfig(process.env));

const { TRINITY_VERIFY_INTERVAL: everyMs, TRINITY_LOG_CHECK_INTERVAL: passEveryMs } = config;
const stores = await storesOf(config);
const store = stores.openEventStore("readonly");
const leases = stores.openLeaseStore("readonly");
const telemetry = startTelemetry({ serviceName: "trinity-worker", version: "0.1.0", ...telemetryOf(config) });
const { segmentBucket } = stores;
const segmentsDir = segmentBucket?.sealedDir ?? stores.segmentsDir;
const bucket = segmentBucket && openSegmentBucket(segmentBucket);
const { http, countCycle, countSealed } = createWorkerApp({
  store,
  readLogCheck: () => readLogCheck(leases),
  segmentsDir,
  checks: {
    store: () => storeCheck(() => store.readWatermark()),
    // Verification writes repairs and the shadow state. On tables, the shadow state's folder is created when needed.
    disk: createDiskCheck({ folder: stores.localDir, process: "worker", clock, mayBeMissing: stores.isShared }),
    log: () => logCheckResult(leases),
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_WORKER_PORT }).catch((error: Error) =>
  quit([`TRINITY_WORKER_PORT: ${error.message}`], 1),
);
process.stdout.write(`ready ${JSON.stringify({ worker: url })}\n`);

const columns = segmentsDir === null ? null : openLogColumns({ store, segmentsDir });
const onTrouble = (reason: string) =>
  http.log.warn({ reason }, "verification could not derive the cells by SQL: this cycle compares them with the shadow state alone");
const recounting = columns === null ? undefined : new Recounting(columns, onTrouble);
const skippedCycles = createSkipLog("verification", http.log);
const verifier = startVerifier({
  open: async () => {
    // Only verifies data that another process created.
    await Promise.all([store.readWatermark(), store.headSeq()]);
    await stores.checkState(() => timerSleep(1));
    const { shadowState, lost, close } = await stores.openVerification(clock, timerSleep);
    const writable = stores.openEventStore("readwrite");
    // The engine of the columns is started when it is needed, and not kept until the next cycle.
    const closeAll = async () => void (await Promise.all([writable.close(), columns?.close(), close()]));
    return { store: writable, shadowState, lost, recounting, close: closeAll };
  },
  firstAfterMs: Math.min(firstCycleAfterMs, everyMs),
  everyMs,
  clock,
  sleep: timerSleep,
  onCycle: (outcome, report, error) => {
    countCycle(outcome);
    if (outcome === "skipped") skippedCycles.skipped(error);
    else if (outcome !== "failed") skippedCycles.done();
    const reason = error instanceof UnderivableError ? error.message : undefined;
    if (outcome === "failed") http.log.error({ error: loggedError(error), reason }, "a cycle of verification failed");
    if (report === null || outcome === "clean") return;
    const { throughSeq, repaired, differing, disputed } = report;
    if (repaired + differing > 0)
      http.log[differing > 0 ? "error" : "warn"]({ throughSeq, repaired, differing }, "verification found rows that differ from the log");
    for (const { set, tier, bucketMs } of disputed.slice(0, unresolvedBucketsMax)) {
      const disputedBucket = { metrics: metricsOfSet(set), set, tier, bucketStart: new Date(bucketMs).toISOString() };
      http.log.error(disputedBucket, "SQL over the log derives another number: the fold or the SQL of this measure is wrong");
    }
  },
});

const skippedChecks = createSkipLog("the check of the log", http.log);
const logChecker = startLogChecker({
  // Creates no secret: there is one if there is data.
  open: () =>
    openLogCheckLease(stores, () => loadPseudonymKey(config.TRINITY_PSEUDONYM_KEY, config.TRINITY_DATA_DIR, true), clock, timerSleep),
  firstAfterMs: Math.min(firstCycleAfterMs, everyMs),
  everyMs: Math.min(everyMs, passEveryMs),
  passEveryMs,
  clock,
  sleep: timerSleep,
  onChecked: ({ throughSeq, damaged, mended }, before) => {
    skippedChecks.done();
    const isNew = damaged.some((reason) => before?.damaged.includes(reason) !== true);
    if (isNew) http.log.error({ file: "log.db", throughSeq, damaged }, "the log is damaged");
    if (mended > (before?.mended ?? 0))
      http.log.warn({ throughSeq, mended: mended - (before?.mended ?? 0) }, "rows beside the log were mended");
  },
  onSkipped: skippedChecks.skipped,
  onFailed: (error) => http.log.error({ error: loggedError(error) }, "a check of the log failed"),
});

const skippedSealing = createSkipLog("sealing", http.log);
const sealer = segmentsDir === null ? null : startSealing(segmentsDir);
if (sealer === null)
  http.log.warn(
    "TRINITY_SEGMENT_BUCKET is not set: nothing is sealed, so what no rollup covers is read event by event, and at most 2 million events",
  );

function startSealing(sealedDir: string): Repeating {
  const countWaiting = createWaitingCount(store, sealedDir);
  return startSealer({
    countWaiting: async (eventsMax) => {
      await bucket?.pull(sealedDir, clock.nowMs());
      return countWaiting(eventsMax);
    },
    open: () => openSealLease(stores, store, { segmentsDir: sealedDir, bucket }, clock, timerSleep),
    everyMs: sealEveryMs,
    clock,
    sleep: timerSleep,
    onSealed: (events) => {
      skippedSealing.done();
      countSealed(events);
    },
    onSkipped: skippedSealing.skipped,
    onFailed: (error) => http.log.error({ error: loggedError(error) }, "sealing the log failed"),
  });
}

async function stop(): Promise<void> {
  await Promise.all([
    closeWithin(http, stopWithinMs),
    Promise.race([Promise.all([verifier.stop(), logChecker.stop(), sealer?.stop()]), timerSleep(stopWithinMs)]),
  ]);
  bucket?.close();
  await Promise.all([store.close(), leases.close(), telemetry.shutdown()]);
  process.exit(0);
}
stopRequests.answerWith(() => void stop());
