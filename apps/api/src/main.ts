import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createAuthenticator } from "@trinity/auth/authenticator";
import { startupKeys } from "@trinity/auth/startup-keys";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { openSqliteKeyStore } from "@trinity/storage-sqlite/sqlite-key-store";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { createApiApp } from "./api-app.ts";
import { parseConfig } from "./config.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 8_000;

function quit(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(2);
}

const config = parseConfig(process.env);
if ("problems" in config) quit(config.problems);
const { TRINITY_DATA_DIR: dataDir } = config;

const store = openSqliteStore({ dataDir, mode: "readonly" });
const keyStore = openSqliteKeyStore({ dataDir });
const keys = await startupKeys({ env: config, putIfAbsent: (key) => keyStore.putIfAbsent(key), nowMs: clock.nowMs(), randomBytes });
if ("problems" in keys) quit(keys.problems);
for (const { role, presented } of keys.made) process.stdout.write(`new ${role} key, shown only now: ${presented}\n`);

const telemetry = startTelemetry({ serviceName: "trinity-api", version: "0.1.0", ...telemetryOf(config) });
const { http } = createApiApp({
  store,
  keys: keyStore,
  // Keys are read anew for every request: one that was just made works at once, one that was revoked does not.
  authenticator: createAuthenticator({ fixed: keys.fixed, list: () => keyStore.list(), clock, believedForMs: 0 }),
  clock,
  pause: (ms, signal) => pause(ms, undefined, { signal }),
  randomBytes,
  checks: {
    store: async () => {
      await store.readRollups([]);
      return { ok: true };
    },
    keys: async () => {
      await keyStore.list();
      return { ok: true };
    },
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_API_PORT });
process.stdout.write(`ready ${JSON.stringify({ api: url })}\n`);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await closeWithin(http, stopWithinMs);
  await Promise.all([store.close(), keyStore.close(), telemetry.shutdown()]);
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
