import { randomBytes } from "node:crypto";
import { createAuthenticator } from "@trinity/auth/authenticator";
import { placeKeys, startupKeys } from "@trinity/auth/startup-keys";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { orQuit, quit } from "@trinity/lifecycle/quit";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import { timerSleep } from "@trinity/runtime/sleep";
import { storeCheck } from "@trinity/storage/store-check";
import { untilAvailable } from "@trinity/storage/until-available";
import { storesOf } from "@trinity/store-factory/stores";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { logCheckResult, readLogCheck } from "@trinity/verification/log-check";
import { createApiApp } from "./api-app.ts";
import { parseConfig } from "./config.ts";
import { createAnswerCache } from "./log-reader/answer-cache.ts";
import { takingTurns } from "./log-reader/fair-query.ts";
import { createLogReader } from "./log-reader/log-reader.ts";
import { observeAnswerCache } from "./log-reader/observe-answer-cache.ts";
import { watchEveryMs } from "./store-watch.ts";
import { warmUp } from "./warm-up.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 8_000;
const keysWithinMs = 2_000;
/** The compiler has then seen enough of the code. */
const warmUpTimes = 15;
const stopRequests = takeStopRequests(process);

const config = orQuit(parseConfig(process.env));
const keys = orQuit(startupKeys({ env: config, nowMs: clock.nowMs(), randomBytes }));

const stores = await storesOf(config);
const store = stores.openEventStore("readonly");
const leases = stores.openLeaseStore("readonly");
const keyStore = stores.openKeyStore();
const placed = placeKeys(keys.offered, {
  putIfAbsent: (key) => untilAvailable(() => keyStore.putIfAbsent(key), timerSleep),
  show: ({ role, presented }) => void process.stdout.write(`new ${role} key, shown only now: ${presented}\n`),
});
// Where the store is not there yet, it is waited for beside everything else: until then this process is not ready.
await Promise.race([placed, timerSleep(keysWithinMs)]);

const telemetry = startTelemetry({ serviceName: "trinity-api", version: "0.1.0", ...telemetryOf(config) });
const logReader = createLogReader(process.env, (reason) => http.log.warn({ reason }, "questions over the log are not answered as usual"));
const answerCache = createAnswerCache(config.TRINITY_ANSWER_CACHE_MIB * 1024 ** 2);
observeAnswerCache(telemetry.meter, answerCache);
const { http, resources } = createApiApp({
  store,
  keys: keyStore,
  readLogCheck: () => readLogCheck(leases),
  // What is cached waits for no turn.
  logReader: answerCache.known(takingTurns(answerCache.shared(logReader), clock)),
  // Keys are read anew for every request: one that was just made works at once, one that was revoked does not.
  authenticator: createAuthenticator({ fixed: keys.fixed, list: () => keyStore.list(), clock, cachedForMs: 0, takesSessions: true }),
  clock,
  sleep: timerSleep,
  randomBytes,
  checks: {
    store: () => storeCheck(() => store.readRollups([])),
    log: () => logCheckResult(leases),
    keys: () => storeCheck(() => keyStore.list()),
  },
  watchEveryMs: stores.isShared ? watchEveryMs.shared : watchEveryMs.local,
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_API_PORT }).catch((error: Error) =>
  quit([`TRINITY_API_PORT: ${error.message}`], 1),
);
process.stdout.write(`ready ${JSON.stringify({ api: url })}\n`);
const stopped = new AbortController();
// Reads of a shared store are paid for.
if (!stores.isShared) void warmUp({ query: resources.query, clock, sleep: timerSleep, times: warmUpTimes }, stopped.signal);

async function stop(): Promise<void> {
  stopped.abort();
  await closeWithin(http, stopWithinMs);
  logReader.close();
  await Promise.all([store.close(), keyStore.close(), leases.close(), telemetry.shutdown()]);
  process.exit(0);
}
stopRequests.answerWith(() => void stop());
