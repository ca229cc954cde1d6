import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { noFaults } from "@trinity/dynamodb-local/fault-choice";
import { startFaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { Clock } from "@trinity/runtime/clock";
import { createTables } from "@trinity/storage-dynamodb/create-tables";
import { seededChoice } from "@trinity/testing/seeded-random";
import { notStored } from "../check-statuses.ts";
import { Ledger } from "../ledger.ts";
import { createTraffic, type SentEvent } from "../traffic.ts";
import { type DrillDynamo, type DrilledApp, type DrillPlace, type DrillProcess, type Environment, SkippedDrill, step } from "./drill.ts";
import { type DrillKeys, spawnDrillProcess } from "./drill-process.ts";
import { mountSmallDisk } from "./small-disk.ts";

const keys: DrillKeys = { ingest: "drill-ingest-key-0123456789", admin: "drill-admin-key-0123456789" };
const batchEvents = 20;
const seed = 1;
const acknowledgedWithinMs = 60_000;
const askEveryMs = 100;

export type OpenedPlace = DrillPlace & {
  /** Kills running processes, and removes everything. */
  close(): Promise<void>;
};

/** @throws {SkippedDrill} if this process may not mount a file system */
export function openDrillPlace(environment: Environment, clock: Clock): OpenedPlace {
  const folder = mkdtempSync(join(tmpdir(), "trinity-drill-"));
  const processes: DrillProcess[] = [];
  const opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const disk = mountSmallDisk(folder);
    opened.defer(() => disk.unmount());
    // Also if a run is interrupted: remove it after it is unmounted.
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const dataDir = join(folder, "data");
    mkdirSync(dataDir, { mode: 0o700 });
    return { disk, ...placeIn(dataDir, environment, clock, processes, opened) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function placeIn(
  dataDir: string,
  environment: Environment,
  clock: Clock,
  processes: DrillProcess[],
  opened: AsyncDisposableStack,
): Omit<OpenedPlace, "disk"> {
  const ledger = new Ledger();
  const nextBatch = createTraffic({ sender: 0, batchEvents, repeats: 0.1, clock }, seededChoice(seed));
  const env: Environment = {
    PATH: environment["PATH"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_INGEST_KEY: keys.ingest,
    TRINITY_ADMIN_KEY: keys.admin,
    TRINITY_INGEST_PORT: "0",
    TRINITY_INGEST_GRPC_PORT: "0",
    TRINITY_API_PORT: "0",
    TRINITY_WORKER_PORT: "0",
    TRINITY_MAX_EVENT_AGE: "unlimited",
    TRINITY_DEMO: "false",
    TRINITY_LOG_LEVEL: "warn",
  };

  const spawn = (app: DrilledApp, own: Environment = {}): DrillProcess => {
    const started = spawnDrillProcess(app, { ...env, ...own }, keys);
    processes.push(started);
    return started;
  };

  async function sendOnce(ingest: DrillProcess, again?: readonly object[]) {
    const batch = (again as readonly SentEvent[] | undefined) ?? nextBatch();
    ledger.sent(batch);
    const answer = await ingest.client.post("/v1/events", Buffer.from(JSON.stringify({ events: batch }))).catch(() => null);
    if (answer?.status === 202) ledger.acknowledge(batch);
    return answer === null ? null : { ...answer, batch };
  }

  async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number | null> {
    const fromMs = clock.nowMs();
    for (;;) {
      const isSo = await condition();
      const passedMs = clock.nowMs() - fromMs;
      if (isSo || passedMs >= withinMs) return isSo ? passedMs : null;
      await sleep(askEveryMs);
    }
  }

  return {
    dataDir,
    environment: env,
    ledger,
    spawn,
    async start(app, own) {
      const started = spawn(app, own);
      await started.ready();
      return started;
    },
    sendOnce,
    async send(ingest, batches) {
      for (let sent = 0; sent < batches; sent++) {
        const batch = nextBatch();
        const isDone = async () => (await sendOnce(ingest, batch))?.status === 202 || !ingest.isRunning();
        if ((await until(isDone, acknowledgedWithinMs)) === null)
          throw new Error(`a batch was not acknowledged within ${acknowledgedWithinMs} ms`);
        if (!ingest.isRunning()) throw new Error(`ingest ended: ${ingest.output().trim().slice(-500)}`);
      }
    },
    until,
    async checkLedger({ ingest, api }) {
      const missing = await notStored(ingest.client, ledger.acknowledgedIds);
      const expected = Object.entries(ledger.totals());
      const totals = await Promise.all(
        expected.map(async ([metric, total]) => step(`fresh ${metric} ${total}`, `fresh ${metric} ${await api.total(metric)}`)),
      );
      return [step("0 acknowledged events lost", `${missing.length} acknowledged events lost`), ...totals];
    },
    dynamo: () => openDynamo(environment, opened),
    async close() {
      await Promise.all(processes.map((one) => one.kill()));
      await opened.disposeAsync();
    },
  };
}

async function openDynamo(environment: Environment, opened: AsyncDisposableStack): Promise<DrillDynamo> {
  const needed = { PATH: environment["PATH"], XDG_CACHE_HOME: environment["XDG_CACHE_HOME"] };
  if (!hasDynamoDbLocal(needed)) throw new SkippedDrill("DynamoDB Local is not installed: scripts/install-peers.sh");
  const local = await startDynamoDbLocal();
  opened.defer(() => local.stop());
  const direct = { endpoint: local.endpoint, region: "eu-west-1", tablePrefix: "drill-" };
  await createTables({ ...direct, pause: (ms) => sleep(ms) });
  const proxy = await startFaultProxy({ target: local.endpoint, seed, rates: noFaults });
  opened.defer(() => proxy.stop());
  return {
    environment: {
      TRINITY_STORE: "dynamodb",
      DYNAMODB_ENDPOINT: proxy.endpoint,
      AWS_REGION: direct.region,
      AWS_ACCESS_KEY_ID: "drill",
      AWS_SECRET_ACCESS_KEY: "drill",
      TRINITY_TABLE_PREFIX: direct.tablePrefix,
      TRINITY_PSEUDONYM_KEY: "drill-pseudonyms-0123456789-0123456789",
    },
    direct,
    proxy,
  };
}
