import { randomBytes, randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { createPseudonymiser, fingerprintOf } from "@trinity/anonymization/pseudonym";
import { createAuthenticator } from "@trinity/auth/authenticator";
import { placeKeys, startupKeys } from "@trinity/auth/startup-keys";
import { storeConfigOf } from "@trinity/config/store-config";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { orQuit, quit } from "@trinity/lifecycle/quit";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import { timerSleep } from "@trinity/runtime/sleep";
import { StoreTakenError, StoreUnavailableError } from "@trinity/storage/event-store";
import { storeCheck } from "@trinity/storage/store-check";
import { untilAvailable } from "@trinity/storage/until-available";
import { agreesOnPseudonyms } from "@trinity/store-factory/agreed-pseudonyms";
import { createDiskCheck } from "@trinity/store-factory/disk-check";
import { keyIsAnother, keyIsMissing, loadPseudonymKey, removeNewKey } from "@trinity/store-factory/pseudonym-key";
import { storesOf } from "@trinity/store-factory/stores";
import { createWalCheck } from "@trinity/store-factory/wal-check";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { logCheckResult } from "@trinity/verification/log-check";
import { watchAppends } from "./append-watch.ts";
import { parseConfig } from "./config.ts";
import { foldCheck, startFolding, stateCheck } from "./folding.ts";
import { createIngestApp } from "./ingest-app.ts";
import { listenForOtlp } from "./otlp-listener.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 9_000;
const keysWithinMs = 2_000;
const stopRequests = takeStopRequests(process);

const config = orQuit(parseConfig(process.env));
const { TRINITY_DATA_DIR: dataDir, TRINITY_HOST: host } = config;
const keys = orQuit(startupKeys({ env: config, nowMs: clock.nowMs(), randomBytes }));

const stores = await storesOf(config);
const key = orQuit(loadPseudonymKey(config.TRINITY_PSEUDONYM_KEY, dataDir, stores.hasData()));
const pseudonymiser = createPseudonymiser(key.secret);
const store = stores.openEventStore("readwrite");
if (!stores.isShared) {
  // An empty batch claims the log: where another process appends already, this one ends here instead of refusing events later.
  await store.append({ receivedAtMs: clock.nowMs(), events: [], rejections: [] }).catch((error: Error) => {
    if (error instanceof StoreTakenError) quit([`TRINITY_DATA_DIR: ${error.message}`], 1);
    // A disk that is full or fails just now is waited for, not ready: the first append that succeeds claims the log.
    if (!(error instanceof StoreUnavailableError)) quit([`TRINITY_DATA_DIR: ${error.message}`]);
  });
}
let hasAgreed = false;
const leases = stores.openLeaseStore("readwrite");
const agreed = untilAvailable(() => agreesOnPseudonyms(leases, fingerprintOf(pseudonymiser), randomUUID(), clock.nowMs()), timerSleep).then(
  (agrees) => {
    if (!agrees && key.isNew) {
      removeNewKey(dataDir);
      quit([keyIsMissing]);
    }
    if (!agrees) quit([keyIsAnother]);
    hasAgreed = true;
  },
);
// Files are there at once, unless the disk fails. What is not there is waited for beside everything else: until then this process is not ready.
if (!stores.isShared) await Promise.race([agreed, timerSleep(keysWithinMs)]);
const keyStore = stores.openKeyStore();
const placed = placeKeys(keys.offered, {
  putIfAbsent: (key) => untilAvailable(() => keyStore.putIfAbsent(key), timerSleep),
  show: ({ role, presented }) => void process.stdout.write(`new ${role} key, shown only now: ${presented}\n`),
});
// Where the store is not there yet, it is waited for beside everything else: until then this process is not ready.
await Promise.race([placed, timerSleep(keysWithinMs)]);

const telemetry = startTelemetry({ serviceName: "trinity-ingest", version: "0.1.0", ...telemetryOf(config) });
// On shared tables every fold writes a step and the manifest: what came within the rest shares them.
const foldRestMs = stores.isShared ? 700 : 200;
const folding = startFolding({ store: storeConfigOf(config), restMs: foldRestMs, idleMs: 500 }, clock, (error) => {
  // Without the fold, what is taken is kept but never counted: better to be started anew than to look well.
  process.stderr.write(`the fold died: ${error instanceof Error ? error.message : "unknown reason"}\n`);
  process.exit(1);
});

const authenticator = createAuthenticator({ fixed: keys.fixed, list: () => keyStore.list(), clock });
/** The demo has thirty days of history, which is older than others may send. */
const demoKey = keys.fixed.find(({ name }) => name === "TRINITY_DEMO_KEY");
const appends = watchAppends(store, clock);
// Tables are on no disk of ours.
const diskChecks = stores.isShared
  ? {}
  : { disk: createDiskCheck({ folder: dataDir, process: "ingest", clock }), wal: createWalCheck(dataDir) };
const app = createIngestApp({
  store: {
    eventStatus: (key) => store.eventStatus(key),
    append: async (batch) => {
      if (!hasAgreed) throw new StoreUnavailableError("it is not known yet whether the pseudonyms are those of the data");
      return appends.append(batch);
    },
  },
  pseudonymiser,
  authenticator,
  clock,
  monotonic: { nowMs: () => performance.now() },
  random: () => Math.random(),
  eventAgeMaxMs: (sender) => (sender === demoKey?.prefix ? Number.POSITIVE_INFINITY : config.TRINITY_MAX_EVENT_AGE),
  folding,
  checks: {
    store: () => storeCheck(() => store.headSeq()),
    append: appends.check,
    ...diskChecks,
    pseudonyms: async () => (hasAgreed ? { ok: true } : { ok: false, reason: "not known yet to be those of the data" }),
    log: () => logCheckResult(leases),
    state: stateCheck(folding),
    fold: foldCheck(folding),
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(app.http, { host, port: config.TRINITY_INGEST_PORT }).catch((error: Error) =>
  quit([`TRINITY_INGEST_PORT: ${error.message}`], 1),
);
const otlp = await listenForOtlp({ host, port: config.TRINITY_INGEST_GRPC_PORT }, app.ingest, authenticator, app.admission).catch(
  (error: Error) => quit([`TRINITY_INGEST_GRPC_PORT: ${error.message}`], 1),
);
process.stdout.write(`ready ${JSON.stringify({ ingest: url, grpc: `${host}:${otlp.port}` })}\n`);

async function stop(): Promise<void> {
  const deadlineMs = clock.nowMs() + stopWithinMs;
  await Promise.all([closeWithin(app.http, 4_000), otlp.stop(4_000)]);
  await app.drained();
  await folding.stop(Math.max(0, deadlineMs - clock.nowMs()));
  await Promise.all([store.close(), keyStore.close(), leases.close(), telemetry.shutdown()]);
  process.exit(0);
}
stopRequests.answerWith(() => void stop());
