import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { type FaultProxy, startFaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { Clock } from "@trinity/runtime/clock";
import type { EventStore } from "@trinity/storage/event-store";
import { createTables } from "@trinity/storage-dynamodb/create-tables";
import { openDynamoStore } from "@trinity/storage-dynamodb/dynamo-event-store";
import { openDynamoLeaseStore } from "@trinity/storage-dynamodb/dynamo-lease-store";
import { untilFolded } from "@trinity/testing/folded-store";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { askThroughout } from "./ask-throughout.ts";
import { type Check, check } from "./check.ts";
import { notStored } from "./check-statuses.ts";
import { checkStore } from "./check-store.ts";
import { LeaseWatch } from "./lease-watch.ts";
import { Ledger } from "./ledger.ts";
import { ProcessUnderFire } from "./process-under-fire.ts";
import { sendToMany } from "./send-to-many.ts";
import { createTraffic } from "./traffic.ts";

export type ClusterSettings = {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly seconds: number;
  readonly seed: number;
  readonly senders: number;
  readonly batchEvents: number;
  readonly restMs: number;
  readonly clock: Clock;
  readonly onProgress: (line: string) => void;
};

export type ClusterReport = { readonly checks: readonly Check[]; readonly figures: Readonly<Record<string, number>> };

const [ingests, apis, workers, contenders] = [4, 2, 2, 3];
const key = "cluster-key-0123456789-0123456789";
const statusSample = 2_000;
const wrongAnswers = "fresh answers that were wrong";

/**
 * Runs many processes on one DynamoDB that fails in many ways, and kills them one after the other under load. Then it checks that every
 * acknowledged event is stored exactly once, and that every process counts it once.
 */
export async function runCluster(settings: ClusterSettings): Promise<ClusterReport> {
  const { seed } = settings;
  const random = seededChoice(seed);
  const local = await startDynamoDbLocal();
  const direct = { endpoint: local.endpoint, region: "eu-west-1", tablePrefix: "cluster-" };
  await createTables({ ...direct, pause: (ms) => sleep(ms) });
  const proxy = await startFaultProxy({ target: local.endpoint, seed });
  const fleet = await startFleet(settings, proxy, direct.tablePrefix);
  const leases = new LeaseWatch(proxy.endpoint, direct.tablePrefix, contenders);
  const ledger = new Ledger();
  try {
    const figures = await fireAtFleet(settings, { random, ledger, fleet, leases });
    settings.onProgress("the kills are over and every batch is acknowledged; waiting for late requests");
    proxy.setRates({ throttled: 0, conflict: 0, timeoutAfterEffect: 0, redelivered: 0, serverError: 0 });
    await proxy.settled();
    await leases.stop();
    await Promise.all(fleet.all.map((member) => member.running()));
    const store = openDynamoStore(direct);
    const leaseStore = openDynamoLeaseStore(direct);
    try {
      await untilFolded(store);
      settings.onProgress("everything is folded; waiting for a cycle of verification");
      await untilVerified(store);
      settings.onProgress("asking every process, then stopping them and comparing with the log");
      const answers = await checkAnswers(fleet, ledger);
      const codes = await Promise.all(fleet.all.map((member) => member.stop()));
      const { repairs, lastCycle } = await store.readVerification();
      const checks = [
        ...answers,
        check(wrongAnswers, 0, figures[wrongAnswers] ?? "none asked"),
        check("processes that did not stop with 0", 0, codes.filter((code) => code !== 0).length),
        check("state rows that verification repaired", 0, repairs),
        check("a cycle of verification finished", "yes", lastCycle === null ? "no" : "yes"),
        check("state rows that the last cycle could not repair", 0, lastCycle?.unresolved ?? "no cycle"),
        ...leases.checks(await leaseStore.readRecord("alerts-sent")),
        ...(await checkStore(store, ledger)),
      ];
      return { checks, figures: { ...figures, ...proxy.counts, "increments under the lease": leases.acts } };
    } finally {
      await Promise.all([store.close(), leaseStore.close()]);
    }
  } finally {
    await leases.stop();
    for (const member of fleet.all) member.kill();
    await proxy.stop();
    await local.stop();
  }
}

/** Waits until a cycle of a worker reaches the end of the log, which killed workers may not have done. Gives up after two minutes. */
async function untilVerified(store: EventStore): Promise<void> {
  const headSeq = await store.headSeq();
  for (let waitedS = 0; waitedS < 120; waitedS++) {
    const { lastCycle } = await store.readVerification();
    if (lastCycle !== null && lastCycle.throughSeq >= headSeq) return;
    await sleep(1_000);
  }
}

type Fleet = { readonly all: readonly ProcessUnderFire[]; readonly ingest: readonly HttpClient[]; readonly api: readonly HttpClient[] };

async function startFleet({ dataDir, environment }: ClusterSettings, proxy: FaultProxy, tablePrefix: string): Promise<Fleet> {
  const env = (name: string) => {
    const folder = join(dataDir, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return {
      PATH: environment["PATH"],
      TRINITY_STORE: "dynamodb",
      DYNAMODB_ENDPOINT: proxy.endpoint,
      TRINITY_TABLE_PREFIX: tablePrefix,
      TRINITY_DATA_DIR: folder,
      TRINITY_PSEUDONYM_KEY: "cluster-pseudonyms-0123456789-0123456789",
      TRINITY_INGEST_KEY: key,
      TRINITY_ADMIN_KEY: `admin-${key}`,
      TRINITY_MAX_EVENT_AGE: "unlimited",
      TRINITY_VERIFY_INTERVAL: "10s",
      TRINITY_LOG_LEVEL: "fatal",
    };
  };
  const members = (app: "ingest" | "api" | "worker", count: number) =>
    Array.from({ length: count }, (_, i) => new ProcessUnderFire(app, i + 1, env(`${app}-${i + 1}`)));
  const [ingest, api, worker] = [members("ingest", ingests), members("api", apis), members("worker", workers)];
  const clients = async (started: readonly ProcessUnderFire[], presented: string) =>
    Promise.all(started.map(async (member) => createHttpClient(await member.start(), 16, presented)));
  const ingestClients = await clients(ingest, key);
  const apiClients = await clients(api, `admin-${key}`);
  await Promise.all(worker.map((member) => member.start()));
  return { all: [...ingest, ...api, ...worker], ingest: ingestClients, api: apiClients };
}

type Scene = { readonly random: SeededChoice; readonly ledger: Ledger; readonly fleet: Fleet; readonly leases: LeaseWatch };

async function fireAtFleet(settings: ClusterSettings, { random, ledger, fleet, leases }: Scene): Promise<Record<string, number>> {
  const { seconds, senders, batchEvents, restMs, clock, onProgress } = settings;
  const endMs = clock.nowMs() + seconds * 1_000;
  const isOver = () => clock.nowMs() >= endMs;
  const sending = Array.from({ length: senders }, (_, sender) => {
    const own = seededChoice(random.uint32());
    const nextBatch = createTraffic({ sender, batchEvents, repeats: 0.2, clock }, own);
    return sendToMany(isOver, { clients: fleet.ingest, ledger, nextBatch, random: own, restMs });
  });
  let kills = 0;
  const killing = async () => {
    while (!isOver()) {
      await sleep(1_500 + random.below(2_500));
      const member = random.pick(fleet.all);
      await member.killAndStartAgain(random.below(1_500));
      if (random.chance(0.5)) leases.killOne(random.below(contenders));
      kills += 1;
      onProgress(
        `kill ${kills}: ${member.name}; ${ledger.acknowledgedIds.size} events acknowledged, ${leases.acts} increments under the lease`,
      );
    }
  };
  const asking = fleet.api.map((client) => askThroughout(isOver, client, ledger));
  const [counts, , asked] = await Promise.all([Promise.all(sending), killing(), Promise.all(asking)]);
  const answers = (name: keyof (typeof asked)[number]) => asked.reduce((total, count) => total + count[name], 0);
  const sum = (name: keyof (typeof counts)[number]) => counts.reduce((total, count) => total + count[name], 0);
  const outcomes = { "fresh answers": answers("answered"), "no answer, or 503": answers("unavailable"), [wrongAnswers]: answers("wrong") };
  return {
    ...outcomes,
    kills,
    acknowledged: ledger.acknowledgedIds.size,
    "sent again": sum("retries"),
    "sent to two processes in parallel": sum("twice"),
  };
}

/** Asks every process; all must answer the same. */
async function checkAnswers(fleet: Fleet, ledger: Ledger): Promise<readonly Check[]> {
  const ids = [...ledger.acknowledgedIds];
  const sample = ids.filter((_, i) => i % Math.ceil(ids.length / statusSample) === 0);
  const missing = await Promise.all(fleet.ingest.map((client) => notStored(client, sample)));
  const expected = ledger.totals();
  const answers = await Promise.all(
    fleet.api.flatMap((client, api) =>
      Object.entries(expected).map(async ([metric, total]) => {
        const path = `/api/v1/metrics/${metric}?from=1970-01-01&to=2100-01-01&granularity=total&fresh=true`;
        const { status, text } = await client.get(path);
        const found = status === 200 ? (JSON.parse(text) as { totals: { value: number }[] }).totals[0]?.value : `status ${status}`;
        return check(`API ${api + 1}: ${metric}`, total, found ?? "nothing");
      }),
    ),
  );
  return [check(`acknowledged events that one of ${ingests} ingest processes does not know`, 0, missing.flat().length), ...answers];
}
