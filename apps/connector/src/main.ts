import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { telemetryOf } from "@trinity/config/variables";
import { closeWithin, listen } from "@trinity/http/listening";
import { loggedError } from "@trinity/http/logged-error";
import { orQuit, quit } from "@trinity/lifecycle/quit";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import { timerSleep } from "@trinity/runtime/sleep";
import { storesOf } from "@trinity/store-factory/stores";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { parseConfig } from "./config.ts";
import { type Connector, startConnector } from "./connector.ts";
import { createConnectorApp } from "./connector-app.ts";
import { createConnectorMetrics } from "./connector-metrics.ts";
import { createIngestClient } from "./ingest-client.ts";
import { ingestCheck, sourceCheck } from "./readiness.ts";
import { createRecordDelivery } from "./record-delivery.ts";
import { createRoomFactsLookup } from "./room-facts-lookup.ts";
import { openSetAsideFile } from "./set-aside.ts";
import { createShardConsumers } from "./shard-consumers.ts";
import { createSourceClients } from "./source-clients.ts";
import { findSourceTables } from "./source-table.ts";
import { pollTable } from "./table-poller.ts";

const clock = { nowMs: () => Date.now() };
const stopWithinMs = 8_000;
const idleMs = 1_000;
/** How long the lease of a dead process lasts. */
const leaseForMs = 15_000;
const stopRequests = takeStopRequests(process);

const config = orQuit(parseConfig(process.env));
const { TRINITY_DATA_DIR: dataDir } = config;

const telemetry = startTelemetry({ serviceName: "trinity-connector", version: "0.1.0", ...telemetryOf(config) });
const clients = createSourceClients(config.AWS_REGION, config.TRINITY_SOURCE_ENDPOINT);
const leases = (await storesOf(config)).openLeaseStore("readwrite");
// Each needs the other: the metrics ask the connector for its figures, and it counts with them.
let connector: Connector | null = null;
const tables = () => connector?.tables() ?? [];
const metrics = createConnectorMetrics(
  () => consumers.reading(),
  () => tables().length,
);
const ingest = createIngestClient({
  url: config.TRINITY_INGEST_URL,
  key: config.TRINITY_INGEST_KEY,
  sleep: timerSleep,
  random: Math.random,
  onRetry: metrics.countRetry,
});
const http = createConnectorApp({
  registry: metrics.registry,
  checks: {
    source: async () => sourceCheck(connector?.assignedAtMs() ?? null, clock.nowMs()),
    ingest: async () => ingestCheck(ingest.state()),
    leases: async () => {
      await leases.readRecord("connector/ready"); // never written: only an answer is needed
      return { ok: true };
    },
  },
  http: { logLevel: config.TRINITY_LOG_LEVEL, telemetry },
  processMetrics: () => telemetry.metricsText(),
});
const delivery = createRecordDelivery({
  ingest,
  rooms: createRoomFactsLookup({ client: clients.tables, tables, clock }),
  setAside: openSetAsideFile(join(dataDir, "connector", "set-aside.ndjson"), (error) =>
    http.log.error({ error: loggedError(error) }, "a record that was set aside could not be written"),
  ),
  counts: metrics,
  keepTestRows: config.TRINITY_SOURCE_TEST_ROWS === "keep",
  clock,
});
const lease = { leases, holder: randomUUID(), forMs: leaseForMs, clock, pause: timerSleep };
const consumers = createShardConsumers({
  streams: clients.streams,
  lease,
  reader: {
    streams: clients.streams,
    delivery,
    clock,
    sleep: timerSleep,
    random: Math.random,
    idleMs,
    onEvent: (event) => {
      metrics.countShardEvent(event);
      if (event.kind === "trimmed") http.log.error("changes were lost: they were older than the stream keeps");
      if (event.kind === "failed") http.log.warn({ error: loggedError(event.error) }, "reading a shard was interrupted");
    },
  },
  shardsMax: config.TRINITY_CONNECTOR_SHARDS_MAX,
  onFinished: () => connector?.wake(),
});

const { url } = await listen(http, { host: config.TRINITY_HOST, port: config.TRINITY_CONNECTOR_PORT }).catch((error: Error) =>
  quit([`TRINITY_CONNECTOR_PORT: ${error.message}`], 1),
);
process.stdout.write(`ready ${JSON.stringify({ connector: url })}\n`);

connector = startConnector({
  findTables: (signal) => findSourceTables(clients.tables, config.TRINITY_SOURCE_TABLES, signal),
  consumers,
  poll: (table, signal) =>
    pollTable(
      table,
      {
        client: clients.tables,
        delivery,
        clock,
        sleep: timerSleep,
        scanRate: config.TRINITY_SOURCE_SCAN_RATE,
        lease,
        dataDir,
        newId: randomUUID,
        everyMs: config.TRINITY_SOURCE_POLL_INTERVAL,
        onLook: (table, outcome, error) => {
          metrics.countLook(outcome);
          if (outcome === "failed") http.log.warn({ table, error: loggedError(error) }, "polling a table failed");
        },
      },
      signal,
    ),
  pollPatterns: config.TRINITY_SOURCE_POLL_TABLES ?? [],
  clock,
  sleep: timerSleep,
  onUnfollowed: (left) => {
    const names = left.map(({ tableName }) => tableName);
    if (names.length > 0) http.log.warn({ tables: names }, "these tables have no stream and are not polled: they make no events");
  },
  onFailure: (error) => http.log.warn({ error: loggedError(error) }, "the shards of the streams could not be assigned"),
});

async function stop(): Promise<void> {
  await Promise.race([connector?.stop(), timerSleep(stopWithinMs)]);
  await Promise.all([closeWithin(http, 1_000), leases.close(), telemetry.shutdown()]);
  process.exit(0);
}
stopRequests.answerWith(() => void stop());
