/** Kills processes under load, damages their data, and checks for losses: `npm run crash -- --help`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Check, tableOf } from "./check.ts";
import { checkSyncs } from "./check-syncs.ts";
import { allDrills } from "./drills/all-drills.ts";
import { runCluster } from "./run-cluster.ts";
import { allPassed, drillTable, runDrills } from "./run-drills.ts";
import { runKills } from "./run-kills.ts";
import { runSealing } from "./run-sealing.ts";

const help = `Kills processes under load and damages their data, on this machine only, and checks that no acknowledged event is lost or counted twice.

  npm run crash                   kill -9 at random moments
  npm run crash -- cluster        many processes, killed one after the other, on one DynamoDB Local that throttles, conflicts, and
                                  loses and repeats requests (needs Java: scripts/install-peers.sh)
  npm run crash -- fsyncs         whether the disk is synced between each request and its answer (needs strace)
  npm run crash -- sealing        kill -9 of the process that seals the log, at random moments
  npm run crash -- damage         drills: files are damaged, replaced and deleted, the disk is full or fails, processes are killed
                                  (needs root to mount a small file system; some drills need strace or Java)

  --kills 50        number of kills; at most 1,000
  --seed 1          seed of the events and of the moments of kills
  --senders 4       parallel senders
  --batch 100       events in a request
  --rest-ms 60      pause of a sender between two requests, in ms
  --seconds 120     cluster: how long processes are killed and requests fail
  --requests 100    fsyncs: number of requests, one after the other
  --only 24         damage: only the drills of this row; may be given more than once
  --keep            do not delete the data folder
  --json            print the result as JSON

Exits 1 if an event is lost or counted twice, if the state differs from the log, or if a drill fails.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    senders: { type: "string", default: "4" },
    batch: { type: "string", default: "100" },
    "rest-ms": { type: "string", default: "60" },
    requests: { type: "string", default: "100" },
    seconds: { type: "string", default: "120" },
    only: { type: "string", multiple: true, default: [] },
    keep: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const clock = { nowMs: () => Date.now() };

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  process.stderr.write(`--${name} takes a whole number from ${min} to ${max}\n`);
  process.exit(2);
}

async function kills(dataDir: string): Promise<readonly Check[]> {
  const seed = whole("seed", values.seed, 0, 2 ** 31);
  const report = await runKills({
    dataDir,
    environment: process.env,
    kills: whole("kills", values.kills, 1, 1_000),
    seed,
    senders: whole("senders", values.senders, 1, 32),
    batchEvents: whole("batch", values.batch, 1, 1_000),
    restMs: whole("rest-ms", values["rest-ms"], 0, 10_000),
    clock,
    onKill: (kill, how, acknowledged) => process.stderr.write(`kill ${kill} ${how}: ${acknowledged} events acknowledged so far\n`),
  });
  if (!values.json) {
    const { acknowledged, retries, kills: killed } = report;
    process.stdout.write(`${killed} kills, ${acknowledged} events acknowledged, ${retries} requests sent again; seed ${seed}\n\n`);
  }
  return report.checks;
}

function sealing(dataDir: string): Promise<readonly Check[]> {
  return runSealing({
    dataDir,
    kills: whole("kills", values.kills, 1, 1_000),
    seed: whole("seed", values.seed, 0, 2 ** 31),
    clock,
    onKill: (kill, sealedThrough) => process.stderr.write(`kill ${kill}: sealed through chunk ${sealedThrough}\n`),
  });
}

async function cluster(dataDir: string): Promise<readonly Check[]> {
  const seed = whole("seed", values.seed, 0, 2 ** 31);
  const { checks, figures } = await runCluster({
    dataDir,
    environment: process.env,
    seconds: whole("seconds", values.seconds, 1, 3_600),
    seed,
    senders: whole("senders", values.senders, 1, 32),
    batchEvents: whole("batch", values.batch, 1, 1_000),
    restMs: whole("rest-ms", values["rest-ms"], 0, 10_000),
    clock,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  if (!values.json) {
    for (const [name, count] of Object.entries(figures)) process.stdout.write(`${name}: ${count}\n`);
    process.stdout.write(`seed: ${seed}\n\n`);
  }
  return checks;
}

async function damage(): Promise<void> {
  const drills = allDrills.filter(({ row }) => values.only.length === 0 || values.only.includes(row));
  if (drills.length === 0) {
    process.stderr.write(`--only takes one of ${[...new Set(allDrills.map(({ row }) => row))].join(", ")}\n`);
    process.exit(2);
  }
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  // Ends by `exit`, whose handlers kill processes and unmount file systems.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const results = await runDrills({ drills, environment: process.env, clock, onProgress });
  process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : `${drillTable(results)}\n`);
  if (!allPassed(results)) process.exitCode = 1;
}

async function main(): Promise<void> {
  const [command] = positionals;
  if (values.help || (command !== undefined && !["fsyncs", "cluster", "sealing", "damage"].includes(command))) {
    process.stdout.write(`${help}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  if (command === "damage") return damage();
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-crash-"));
  try {
    const requests = whole("requests", values.requests, 1, 10_000);
    const syncs = () => checkSyncs({ dataDir, environment: process.env, requests, clock });
    const runs = { fsyncs: syncs, cluster: () => cluster(dataDir), sealing: () => sealing(dataDir) };
    const checks = await (runs[command as keyof typeof runs] ?? (() => kills(dataDir)))();
    process.stdout.write(values.json ? `${JSON.stringify(checks)}\n` : `${tableOf(checks)}\n`);
    if (checks.some(({ passed }) => !passed)) process.exitCode = 1;
  } finally {
    if (values.keep) process.stderr.write(`data folder: ${dataDir}\n`);
    else rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
