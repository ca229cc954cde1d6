/** The speed of ingest relative to a floor of the same run, and the cost of questions as events grow: `npm run bench -- --help`. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { standardLayout } from "@trinity/storage-dynamodb/layout";
import { canPin } from "@trinity/testing/server-process";
import { measureCapacity } from "./capacity.ts";
import { capacityTable } from "./capacity-report.ts";
import { type Comparison, compare, floor, json } from "./compare.ts";
import { measureDashboard } from "./dashboard-latency.ts";
import { dashboardTables } from "./dashboard-report.ts";
import { foldUnits, foldUnitsTable } from "./fold-units.ts";
import { heatTable } from "./heat-report.ts";
import { entityShardsNeeded, measuredKinds, simulateHeat } from "./heat-simulation.ts";
import { measureLogQuestions } from "./log-latency.ts";
import { logTables } from "./log-report.ts";
import { measureManyUsers } from "./many-users.ts";
import { measureOverload, overloadTable } from "./overload.ts";
import { measureSection, type SectionName, sectionNames } from "./performance.ts";
import { figuresTable, keepFigures } from "./performance-page.ts";
import { type CpuProfile, selfTimes, threadOf } from "./profile-summary.ts";
import { markdownOf } from "./report.ts";
import { measureStreams, streamTable } from "./stream-load.ts";
import type { Trial } from "./trial.ts";
import { measureVerification, verificationTable } from "./verification-units.ts";

const help = `Measures the ingest process beside a floor (parse, insert, acknowledge, nothing else), pair by pair, on this machine only.

  npm run bench                      ingest against the floor
  npm run bench -- performance       all that is owed of ingest and of what follows from it, each part beside its peer; writes docs/performance.md
                                     and docs/performance.json; with the usual pairs about an hour
  npm run bench -- queries           questions of the dashboard at growing numbers of events, over the API and in process, beside DuckDB;
                                     stores are built once, in .cache
  npm run bench -- questions         questions that rollups do not cover, over HTTP, in turn with DuckDB over a table in memory, and what they do to
                                     a cheap one beside them
  npm run bench -- capacity          capacity units an event on DynamoDB, by what they are for, as DynamoDB Local says that they were consumed
  npm run bench -- verification      capacity units an event of two cycles of verification on DynamoDB Local, with and without sealed segments
  npm run bench -- folds             write units an event of the state by how many events a fold has, counted in memory; no DynamoDB
  npm run bench -- heat              how hot the partitions of DynamoDB become at 500 to 54,000 events a second, simulated; no DynamoDB
  npm run bench -- streams           live events to many readers, a third of whom do not read: memory, /healthz, and whether each gets each event once
  npm run bench -- overload          five times the events that ingest takes, beside an ordinary sender, slow senders and /healthz
  npm run bench -- users             time and memory of monthly users by day, of ten million users

  --only ingest,otlp  performance: some parts of ${sectionNames.join(", ")}

  --sizes 100000,1000000,10000000    queries, questions: events of each store, ascending
  --repetitions 100                  queries, questions: how often each question is asked of each store

  --batch 100,500     events in a request
  --burst 20,1        events of one session in a row: 20 as an SDK sends them, 1 for the hardest case
  --pairs 3           runs of each server, in turn; performance: 5
  --events 200000     measured events of a run, after a tenth as many for warming up; 2,000,000 at most
  --connections 8     requests at once, each after the answer to the one before
  --span-s 60         the events happen over so many seconds up to now: few for live traffic, 86400 for a day that is caught up on
  --seconds 60        longest measured time of a run
  --seed 1            the same seed makes the same events
  --profile           write and summarise CPU profiles of ingest (it is slower then)
  --users 10000000    users: how many there are
  --per-second 500    overload: how many events are offered each second, instead of five times what is taken
                      capacity: how many events there are each second; --events so many of them, --batch so many a commit of the log
  --streams 200       streams: how many are open; --events 5000 pass, --per-second 1000
  --surface rest      streams: rest or trpc
  --later 1000        verification: events between the two cycles, on one day; --events 10000 before the first one, on ten days
  --compact-deltas 96 capacity: how many deltas of the state are compacted together
  --rates 500,5000    folds, heat: events a second
  --folds 1           folds: how many folds there are each second
  --shards 4          heat: partitions that the pages of each kind of entity are spread over
  --json              print everything as JSON

Exits 1 when anything acknowledged was lost or anything was refused: then no rate counts.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: "string", default: "100,500" },
    burst: { type: "string", default: "20,1" },
    only: { type: "string", default: sectionNames.join(",") },
    pairs: { type: "string" },
    events: { type: "string" },
    connections: { type: "string", default: "8" },
    "span-s": { type: "string", default: "60" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    profile: { type: "boolean", default: false },
    sizes: { type: "string", default: "100000,1000000,10000000" },
    repetitions: { type: "string", default: "100" },
    users: { type: "string", default: "10000000" },
    "per-second": { type: "string" },
    streams: { type: "string", default: "200" },
    surface: { type: "string", default: "rest" },
    later: { type: "string", default: "1000" },
    "compact-deltas": { type: "string", default: `${standardLayout.compactDeltas}` },
    rates: { type: "string" },
    folds: { type: "string", default: "1" },
    shards: { type: "string", default: `${standardLayout.entityShards}` },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  process.stderr.write(`--${name} takes whole numbers from 1 to ${max}\n`);
  process.exit(2);
}

function progress(name: string, trial: Trial): void {
  const { eventsPerSecond, cpuSecondsPerMillion, latencyMsP99, foldedAfterMs, lost, failed, firstFailure } = trial;
  const trouble = lost + failed === 0 ? "" : `  LOST ${lost}, FAILED ${failed}: ${firstFailure}`;
  process.stderr.write(
    `${name}: ${eventsPerSecond.toFixed(0)} events/s, CPU ${cpuSecondsPerMillion.toFixed(1)} s/1M, p99 ${latencyMsP99.toFixed(0)} ms, counted after ${foldedAfterMs} ms${trouble}\n`,
  );
}

function printProfiles(profileDir: string): void {
  for (const file of readdirSync(profileDir)) {
    const profile = JSON.parse(readFileSync(join(profileDir, file), "utf8")) as CpuProfile;
    process.stdout.write(`\n${threadOf(profile)} (${join(profileDir, file)})\n\n| self ms | share | where |\n| ---: | ---: | --- |\n`);
    for (const { name, ms, share } of selfTimes(profile, 15))
      process.stdout.write(`| ${ms.toFixed(0)} | ${(share * 100).toFixed(1)} % | ${name} |\n`);
  }
}

const list = (name: string, text: string, max: number) => text.split(",").map((part) => whole(name, part, max));

async function benchIngest(): Promise<void> {
  const events = whole("events", values.events ?? "200000", 2_000_000);
  const connections = whole("connections", values.connections, 64);
  const profileDir = values.profile ? mkdtempSync(join(tmpdir(), "trinity-profile-")) : null;
  const settings = {
    pairs: whole("pairs", values.pairs ?? "3", 100),
    seed: whole("seed", values.seed, 2 ** 31),
    events,
    warmUpEvents: Math.floor(events / 10),
    secondsMax: whole("seconds", values.seconds, 600),
    spanMs: whole("span-s", values["span-s"], 30 * 86_400) * 1_000,
    nowMs: Date.now(),
    profileDir,
    onTrial: progress,
  };
  warnUnpinned();
  const comparisons: Comparison[] = [];
  for (const batchEvents of list("batch", values.batch, 1_000)) {
    for (const burst of list("burst", values.burst, 1_000))
      comparisons.push(await compare({ batchEvents, burst, connections, peer: floor, ingest: json }, settings));
  }
  process.stdout.write(values.json ? `${JSON.stringify({ settings, comparisons })}\n` : `${markdownOf(comparisons)}\n`);
  if (profileDir !== null && !values.json) printProfiles(profileDir);
  const trials = comparisons.flatMap(({ trials: { peer, ingest } }) => [...peer, ...ingest]);
  if (trials.some(({ lost, failed }) => lost !== 0 || failed !== 0)) process.exitCode = 1;
}

function warnUnpinned(): void {
  if (!canPin()) process.stderr.write("taskset cannot pin to two CPUs here: server and load share them, and the numbers are worth less\n");
}

async function benchPerformance(): Promise<void> {
  const names = values.only.split(",");
  const unknown = names.filter((name) => !(sectionNames as readonly string[]).includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`--only takes ${sectionNames.join(", ")}; not ${unknown.join(", ")}\n`);
    process.exit(2);
  }
  warnUnpinned();
  const settings = {
    pairs: whole("pairs", values.pairs ?? "5", 100),
    seed: whole("seed", values.seed, 2 ** 31),
    events: whole("events", values.events ?? "200000", 2_000_000),
    spanMs: whole("span-s", values["span-s"], 30 * 86_400) * 1_000,
    onTrial: progress,
  };
  const measured = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`;
  for (const section of names as readonly SectionName[]) {
    process.stderr.write(`${section}\n`);
    const values = await measureSection(section, { ...settings, nowMs: Date.now() });
    const figures = values.map((value) => ({ section, ...value, measured }));
    keepFigures(section, figures);
    process.stdout.write(`${figuresTable(figures)}\n\n`);
  }
}

async function benchQueries(): Promise<void> {
  const latencies = await measureDashboard({
    seed: whole("seed", values.seed, 2 ** 31),
    sizes: list("sizes", values.sizes, 100_000_000),
    users: 20_000,
    repetitions: whole("repetitions", values.repetitions, 10_000),
    duckdbRepetitions: 5,
  });
  process.stdout.write(values.json ? `${JSON.stringify(latencies)}\n` : `${dashboardTables(latencies)}\n`);
}

async function benchQuestions(): Promise<void> {
  for (const events of list("sizes", values.sizes, 100_000_000)) {
    const repetitions = whole("repetitions", values.repetitions, 10_000);
    const latencies = await measureLogQuestions({ seed: whole("seed", values.seed, 2 ** 31), events, users: 20_000, repetitions });
    process.stdout.write(values.json ? `${JSON.stringify(latencies)}\n` : `${logTables(latencies)}\n\n`);
  }
}

async function benchUsers(): Promise<void> {
  const measured = await measureManyUsers(whole("users", values.users, 50_000_000));
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

async function benchStreams(): Promise<void> {
  if (values.surface !== "rest" && values.surface !== "trpc") {
    process.stderr.write("--surface is rest or trpc\n");
    process.exit(2);
  }
  const load = await measureStreams({
    seed: whole("seed", values.seed, 2 ** 31),
    streams: whole("streams", values.streams, 2_000),
    events: whole("events", values.events ?? "5000", 100_000),
    eventsPerSecond: whole("per-second", values["per-second"] ?? "1000", 100_000),
    surface: values.surface,
    secondsMax: whole("seconds", values.seconds, 600),
  });
  process.stdout.write(values.json ? `${JSON.stringify(load)}\n` : `${streamTable(load)}\n`);
  if (load.wrong > 0) process.exitCode = 1;
}

async function benchOverload(): Promise<void> {
  for (const batchEvents of list("batch", values.batch, 1_000)) {
    const run = await measureOverload({
      seed: whole("seed", values.seed, 400),
      seconds: whole("seconds", values.seconds, 600),
      batchEvents,
      eventsPerSecond: values["per-second"] === undefined ? null : whole("per-second", values["per-second"], 1_000_000),
    });
    process.stdout.write(values.json ? `${JSON.stringify(run)}\n` : `${overloadTable(run)}\n\n`);
    if (run.lost > 0) process.exitCode = 1;
  }
}

async function benchCapacity(): Promise<void> {
  for (const batchEvents of list("batch", values.batch, 1_000)) {
    const report = await measureCapacity({
      seed: whole("seed", values.seed, 2 ** 31),
      events: whole("events", values.events ?? "200000", 2_000_000),
      batchEvents,
      eventsPerSecond: whole("per-second", values["per-second"] ?? "500", 100_000),
      layout: { compactDeltas: whole("compact-deltas", values["compact-deltas"], 10_000) },
    });
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${capacityTable(report)}\n\n`);
  }
}

async function benchVerification(): Promise<void> {
  const measured = await measureVerification({
    seed: whole("seed", values.seed, 2 ** 31),
    events: whole("events", values.events ?? "10000", 1_000_000),
    laterEvents: whole("later", values.later, 100_000),
    batchEvents: 100,
  });
  process.stdout.write(values.json ? `${JSON.stringify(measured)}\n` : `${verificationTable(measured)}\n`);
}

async function benchFolds(): Promise<void> {
  const foldsPerSecond = whole("folds", values.folds, 100);
  const seed = whole("seed", values.seed, 2 ** 31);
  const reports = [];
  for (const eventsPerSecond of list("rates", values.rates ?? "12,100,500,1157", 100_000)) {
    reports.push(await foldUnits({ seed, eventsPerSecond, foldsPerSecond }));
  }
  process.stdout.write(values.json ? `${JSON.stringify(reports)}\n` : `${foldUnitsTable(reports)}\n`);
}

function simulateRates(): void {
  const rates = list("rates", values.rates ?? "500,5000,12000,35000,54000", 1_000_000).map((eventsPerSecond) => {
    const settings = {
      seed: whole("seed", values.seed, 2 ** 31),
      eventsPerSecond,
      entityShards: whole("shards", values.shards, 1_024),
      layouts: 1_000,
    };
    return { settings, tables: simulateHeat(measuredKinds, settings), shardsNeeded: entityShardsNeeded(measuredKinds, settings) };
  });
  process.stdout.write(values.json ? `${JSON.stringify(rates)}\n` : `${heatTable(rates)}\n`);
}

if (values.help) process.stdout.write(`${help}\n`);
else if (positionals.length === 0) await benchIngest();
else if (positionals[0] === "performance") await benchPerformance();
else if (positionals[0] === "queries") await benchQueries();
else if (positionals[0] === "questions") await benchQuestions();
else if (positionals[0] === "capacity") await benchCapacity();
else if (positionals[0] === "verification") await benchVerification();
else if (positionals[0] === "folds") await benchFolds();
else if (positionals[0] === "heat") simulateRates();
else if (positionals[0] === "streams") await benchStreams();
else if (positionals[0] === "overload") await benchOverload();
else if (positionals[0] === "users") await benchUsers();
else {
  process.stderr.write(`${help}\n`);
  process.exitCode = 2;
}
