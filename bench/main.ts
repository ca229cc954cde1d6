/** How fast ingest is beside a floor of the same run: `npm run bench -- --help`. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Comparison, compare } from "./compare.ts";
import { type CpuProfile, selfTimes, threadOf } from "./profile-summary.ts";
import { measureQueries, queryTable } from "./query-latency.ts";
import { markdownOf } from "./report.ts";
import { canPin } from "./server-process.ts";
import type { Trial } from "./trial.ts";

const help = `Measures the ingest process beside a floor (parse, insert, acknowledge, nothing else), pair by pair, on this machine only.

  npm run bench                      ingest against the floor
  npm run bench -- query             latency of metrics over the API

  --batch 100,500     events in a request
  --burst 20,1        events of one session in a row: 20 as an SDK sends them, 1 for the hardest case
  --pairs 3           runs of each server, in turn
  --events 200000     measured events of a run, after a tenth as many for warming up; 2,000,000 at most
  --connections 8     requests at once, each after the answer to the one before
  --span-s 60         the events happen over so many seconds up to now: few for live traffic, 86400 for a day that is caught up on
  --seconds 60        longest measured time of a run
  --seed 1            the same seed makes the same events
  --profile           write and summarise CPU profiles of ingest (it is slower then)
  --json              print everything as JSON

Exits 1 when anything acknowledged was lost or anything was refused: then no rate counts.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: "string", default: "100,500" },
    burst: { type: "string", default: "20,1" },
    pairs: { type: "string", default: "3" },
    events: { type: "string", default: "200000" },
    connections: { type: "string", default: "8" },
    "span-s": { type: "string", default: "60" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    profile: { type: "boolean", default: false },
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

async function benchIngest(): Promise<void> {
  const events = whole("events", values.events, 2_000_000);
  const profileDir = values.profile ? mkdtempSync(join(tmpdir(), "trinity-profile-")) : null;
  const list = (name: string, text: string, max: number) => text.split(",").map((part) => whole(name, part, max));
  const settings = {
    pairs: whole("pairs", values.pairs, 100),
    seed: whole("seed", values.seed, 2 ** 31),
    events,
    warmUpEvents: Math.floor(events / 10),
    connections: whole("connections", values.connections, 64),
    secondsMax: whole("seconds", values.seconds, 600),
    spanMs: whole("span-s", values["span-s"], 30 * 86_400) * 1_000,
    nowMs: Date.now(),
    profileDir,
    onTrial: progress,
  };
  if (!canPin()) process.stderr.write("taskset cannot pin to two CPUs here: server and load share them, and the numbers are worth less\n");
  const comparisons: Comparison[] = [];
  for (const batchEvents of list("batch", values.batch, 1_000)) {
    for (const burst of list("burst", values.burst, 1_000)) comparisons.push(await compare({ batchEvents, burst }, settings));
  }
  process.stdout.write(values.json ? `${JSON.stringify({ settings, comparisons })}\n` : `${markdownOf(comparisons)}\n`);
  if (profileDir !== null && !values.json) printProfiles(profileDir);
  const trials = comparisons.flatMap(({ trials: { floor, ingest } }) => [...floor, ...ingest]);
  if (trials.some(({ lost, failed }) => lost !== 0 || failed !== 0)) process.exitCode = 1;
}

async function benchQueries(): Promise<void> {
  const latencies = await measureQueries({ seed: whole("seed", values.seed, 2 ** 31), nowMs: Date.now() });
  process.stdout.write(values.json ? `${JSON.stringify(latencies)}\n` : `${queryTable(latencies)}\n`);
}

if (values.help) process.stdout.write(`${help}\n`);
else if (positionals.length === 0) await benchIngest();
else if (positionals[0] === "query") await benchQueries();
else {
  process.stderr.write(`${help}\n`);
  process.exitCode = 2;
}
