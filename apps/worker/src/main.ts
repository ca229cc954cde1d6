import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { parseConfig } from "./config.ts";
import { createWorkerApp } from "./worker-app.ts";

const stopWithinMs = 8_000;

function quit(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(2);
}

const config = parseConfig(process.env);
if ("problems" in config) quit(config.problems);

const store = openSqliteStore({ dataDir: config.TRINITY_DATA_DIR, mode: "readonly" });
const telemetry = startTelemetry({ serviceName: "trinity-worker", version: "0.1.0", ...telemetryOf(config) });
const http = createWorkerApp({
  store,
  checks: {
    store: async () => {
      await store.readMark();
      return { ok: true };
    },
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_WORKER_PORT });
process.stdout.write(`ready ${JSON.stringify({ worker: url })}\n`);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await closeWithin(http, stopWithinMs);
  await Promise.all([store.close(), telemetry.shutdown()]);
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
