import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@trinity/runtime/clock";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { untilFolded } from "@trinity/testing/folded-store";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { ingestKey } from "@trinity/testing/ingest-server";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { type Check, check } from "./check.ts";
import { notStored } from "./check-statuses.ts";
import { checkStore } from "./check-store.ts";
import { Gate } from "./gate.ts";
import { IngestUnderFire } from "./ingest-under-fire.ts";
import { Ledger } from "./ledger.ts";
import { type SenderCounts, sendUntil } from "./sender.ts";
import { createTraffic } from "./traffic.ts";

export type KillSettings = {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kills: number;
  readonly seed: number;
  readonly senders: number;
  readonly batchEvents: number;
  /** Between an answer and a sender's next batch. */
  readonly restMs: number;
  readonly clock: Clock;
  readonly onKill: (kill: number, how: string, acknowledged: number) => void;
};

export type KillReport = {
  readonly checks: readonly Check[];
  readonly acknowledged: number;
  readonly retries: number;
  readonly kills: number;
};

const repeats = 0.2;

/** Kills the ingest process repeatedly under load, and checks that every acknowledged event is stored exactly once. */
export async function runKills(settings: KillSettings): Promise<KillReport> {
  const { dataDir, environment, seed, kills, senders, batchEvents, restMs, clock } = settings;
  const random = seededChoice(seed);
  const ledger = new Ledger();
  const ingest = new IngestUnderFire(dataDir, environment);
  const url = await ingest.start();
  const sending = createHttpClient(url, senders, ingestKey);
  const asking = createHttpClient(url, 8, ingestKey);
  const acknowledgements = new Acknowledgements();
  const gate = new Gate();
  let stopped = false;

  const running = Promise.all(
    Array.from({ length: senders }, (_, sender) => {
      const nextBatch = createTraffic({ sender, batchEvents, repeats, clock }, seededChoice(random.uint32()));
      return sendUntil(() => stopped, { client: sending, ledger, nextBatch, gate, restMs, onAcknowledged: () => acknowledgements.count() });
    }),
  );
  const work = async () => {
    const lost = await killAgainAndAgain(settings, { random, ledger, ingest, asking, acknowledgements, gate });
    stopped = true;
    return lost;
  };
  try {
    const [lost, counts] = await Promise.all([work(), running]);
    const lostAtTheEnd = await notStored(asking, ledger.acknowledgedIds);
    const stopCode = await stopOnceFolded(ingest, dataDir);
    const statuses = [
      check("acknowledged events not stored after a restart", 0, lost),
      check("acknowledged events not stored at the end", 0, lostAtTheEnd.length),
      check("exit code of the graceful stop", 0, stopCode ?? "killed"),
    ];
    return {
      checks: [...statuses, ...(await checkFiles(dataDir, ledger))],
      acknowledged: ledger.acknowledgedIds.size,
      retries: retriesOf(counts),
      kills,
    };
  } finally {
    stopped = true;
    await ingest.kill();
    sending.close();
    asking.close();
  }
}

type Scene = {
  readonly random: SeededChoice;
  readonly ledger: Ledger;
  readonly ingest: IngestUnderFire;
  readonly asking: HttpClient;
  readonly acknowledgements: Acknowledgements;
  readonly gate: Gate;
};

/** @returns how many acknowledged events were not stored after the restart that followed */
async function killAgainAndAgain({ kills, onKill }: KillSettings, scene: Scene): Promise<number> {
  const { random, ledger, ingest, asking, acknowledgements, gate } = scene;
  let asked = 0;
  let lost = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const how = await nextMoment(random, acknowledgements);
    await ingest.kill();
    const atRisk = [...ledger.acknowledgedIds].slice(asked);
    onKill(kill, how, ledger.acknowledgedIds.size);
    if (random.chance(0.1)) await ingest.startAndKill(random.below(1_000));
    gate.close();
    await ingest.start();
    lost += (await notStored(asking, atRisk)).length;
    gate.open();
    asked += atRisk.length;
  }
  return lost;
}

/** Half of the kills follow an acknowledgement immediately, the others are at random times. */
async function nextMoment(random: SeededChoice, acknowledgements: Acknowledgements): Promise<string> {
  if (random.chance(0.5)) {
    const more = 1 + random.below(40);
    await acknowledgements.after(more);
    return `after ${more} acknowledgements`;
  }
  const waitMs = random.below(1_500);
  await sleep(waitMs);
  return `after ${waitMs} ms`;
}

class Acknowledgements {
  #left = 0;
  #reached: () => void = () => {};

  count(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#reached();
  }

  after(more: number): Promise<void> {
    this.#left = more;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }
}

async function stopOnceFolded(ingest: IngestUnderFire, dataDir: string): Promise<number | null> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  await untilFolded(store).finally(() => store.close());
  return ingest.stop();
}

async function checkFiles(dataDir: string, ledger: Ledger): Promise<readonly Check[]> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  return checkStore(store, ledger).finally(() => store.close());
}

function retriesOf(counts: readonly SenderCounts[]): number {
  return counts.reduce((sum, { retries }) => sum + retries, 0);
}
