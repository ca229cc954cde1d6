import { measureCapacity } from "./capacity.ts";
import { type Case, type CompareSettings, type Comparison, compare, floor, json } from "./compare.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureFreshness } from "./freshness.ts";
import { measureOverload } from "./overload.ts";
import type { Figure } from "./performance-page.ts";
import { quantilesOf } from "./quantiles.ts";
import { measureStart } from "./start-time.ts";
import { runTrial, type Trial } from "./trial.ts";

export type PerformanceSettings = Omit<CompareSettings, "warmUpEvents" | "profileDir" | "secondsMax">;

type Value = Omit<Figure, "section" | "measured">;
type Owed = Figure["owed"];
type Section = (settings: PerformanceSettings) => Promise<readonly Value[]>;

const sections = { ingest, requests, otlp, latency, growth, streams, freshness, disorder, overload, units, start } satisfies Record<
  string,
  Section
>;
export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as readonly SectionName[];

/** Measures one part of what is owed, on this machine. */
export async function measureSection(name: SectionName, settings: PerformanceSettings): Promise<readonly Value[]> {
  return sections[name](settings);
}

const secondsMax = 120;

async function ingest(settings: PerformanceSettings): Promise<readonly Value[]> {
  const sessions = await compared({}, settings);
  const hardest = await compared({ burst: 1 }, settings);
  return [
    ...ratios("sessions of 20 events, batches of 100", sessions, { owed: 0.6, goal: 1 }, { owed: 1.8, goal: 1 }),
    ...sizes("sessions of 20 events, batches of 100", sessions),
    ...ratios("each event another session, batches of 100", hardest, { owed: 0.4, goal: 0.65 }, { owed: 2.6, goal: 1.6 }),
    ...sizes("each event another session, batches of 100", hardest),
    ...ratios("sessions of 20 events, batches of 500", await compared({ batchEvents: 500 }, settings)),
    ...ratios("random ids", await compared({ ids: "random" }, settings)),
    ...ratios("each request twice", await compared({ ingest: { ...json, sends: 2 }, peer: { ...floor, sends: 2 } }, settings)),
    ...ratios("the demo's traffic", await compared({ ingest: { ...json, format: "demo" }, peer: { ...floor, format: "demo" } }, settings)),
  ];
}

async function requests(settings: PerformanceSettings): Promise<readonly Value[]> {
  const fewer = { ...settings, events: Math.min(settings.events, 50_000) };
  const single = await compared({ batchEvents: 1, connections: 64 }, fewer);
  return [
    ...ratios("one event a request, 64 connections", single, { owed: 0.6, goal: 0.9 }),
    ...ratios("NDJSON beside JSON", await compared({ ingest: { ...json, format: "ndjson" }, peer: json }, settings)),
    ...ratios("gzip beside plain JSON", await compared({ ingest: { ...json, format: "gzip" }, peer: json }, settings)),
  ];
}

async function otlp(settings: PerformanceSettings): Promise<readonly Value[]> {
  const spans = (format: "otlp-protobuf" | "otlp-json") => compared({ ingest: { ...json, format }, peer: json }, settings);
  return [
    ...ratios("OTLP spans in protobuf beside events in JSON", await spans("otlp-protobuf"), { owed: 1, goal: 1.5 }),
    ...ratios("OTLP spans in JSON beside events in JSON", await spans("otlp-json")),
  ];
}

async function latency(settings: PerformanceSettings): Promise<readonly Value[]> {
  const p99Ms = await inTurn(settings.pairs, async (pair) => {
    const most = await ingestAlone(settings, pair, settings.events, null);
    return (await ingestAlone(settings, pair, settings.events, most.eventsPerSecond / 2)).latencyMsP99;
  });
  return [
    { name: "answer, p99, at half the maximum rate, open loop", unit: "ms", better: "less", owed: { owed: 100, goal: 50 }, runs: p99Ms },
  ];
}

async function growth(settings: PerformanceSettings): Promise<readonly Value[]> {
  const { progress } = await ingestAlone(settings, 0, 2_600_000, null);
  const rate = (from: number, to: number) => {
    const [start, end] = [from, to].map((stored) => progress.find(({ events }) => events >= stored));
    if (start === undefined || end === undefined) throw new Error(`the run ended before ${to} events`);
    return (end.events - start.events) / (end.atMs - start.atMs);
  };
  const runs = [rate(2_400_000, 2_600_000) / rate(200_000, 400_000)];
  return [
    { name: "rate at 2.5 million stored events", unit: "of that at 0.3 million", better: "more", owed: { owed: 0.85, goal: 0.95 }, runs },
  ];
}

async function streams({ pairs }: PerformanceSettings): Promise<readonly Value[]> {
  const runs = await inTurn(pairs, () => measureFanOut({ streams: 1_000, messages: 20, everyMs: 1_000 }));
  const [name, cpuOfFloor] = ["live events to 1,000 clients", runs.map((run) => run.cpuOfFloor)];
  return [
    { name: `${name}: CPU a delivery`, unit: "of the peer", better: "less", owed: { owed: 1.5, goal: 1.2 }, runs: cpuOfFloor },
    { name: `${name}, p99`, unit: "ms", better: "less", owed: { owed: 60, goal: 40 }, runs: runs.map(({ p99Ms }) => p99Ms) },
  ];
}

async function freshness({ seed, pairs }: PerformanceSettings): Promise<readonly Value[]> {
  const load = { events: 10_000, eventsPerSecond: 10_000 / 60, batchEvents: 10, dashboards: 100, order: "time" } as const;
  const runs = await inTurn(pairs, (pair) => measureFreshness({ ...load, seed: seed + pair }));
  const name = "event to visible number, p99: 10,000 events a minute, 100 dashboards asking";
  return [{ name, unit: "ms", better: "less", owed: { owed: 2_000, goal: 1_000 }, runs }];
}

async function disorder({ seed, pairs }: PerformanceSettings): Promise<readonly Value[]> {
  const load = { events: 60_000, eventsPerSecond: null, batchEvents: 100, dashboards: 0, order: "random" } as const;
  const runs = await inTurn(pairs, (pair) => measureFreshness({ ...load, seed: seed + pair }));
  const name = "event to visible number, p99: 60,000 events of seven months in random order of time";
  return [{ name, unit: "ms", better: "less", owed: { owed: 2_000, goal: 1_000 }, runs }];
}

async function overload({ seed, pairs }: PerformanceSettings): Promise<readonly Value[]> {
  const runs = await inTurn(pairs, (pair) => measureOverload({ seed: seed + pair, seconds: 60, batchEvents: 100, eventsPerSecond: null }));
  for (const { lost } of runs) if (lost !== 0) throw new Error(`${lost} acknowledged events are not counted`);
  const beside = "beside five times what is taken";
  const figure = (name: string, unit: string, owed: Owed, read: (run: (typeof runs)[number]) => number): Value => ({
    name: `${beside}: ${name}`,
    unit,
    better: "less",
    owed,
    runs: runs.map(read),
  });
  return [
    figure("answer to an ordinary sender, p99", "ms", { owed: 500, goal: 100 }, ({ ordinary }) => quantilesOf(ordinary.latenciesMs).p99),
    figure(
      "its refusals",
      "requests",
      { owed: 0, goal: 0 },
      ({ ordinary }) => ordinary.latenciesMs.length - ordinary.acknowledgedMs.length,
    ),
    figure("`/healthz`, p99", "ms", { owed: 250, goal: 50 }, ({ health }) => quantilesOf(health.latenciesMs).p99),
    figure("memory of ingest, peak", "MiB", null, ({ peakMiB }) => peakMiB),
  ];
}

/** So many folds, one a second: the deltas of most of them are compacted by then. */
const countedFolds = 300;

async function units({ seed }: PerformanceSettings): Promise<readonly Value[]> {
  const written = async (name: string, batchEvents: number, eventsPerSecond: number, owed: Owed): Promise<Value> => {
    const { total } = await measureCapacity({ seed, events: countedFolds * eventsPerSecond, batchEvents, eventsPerSecond });
    return { name: `written to DynamoDB, ${name}`, unit: "units an event", better: "less", owed, runs: [total.writeUnits] };
  };
  return [
    await written("batches of 500, 500 events a second", 500, 500, { owed: 0.32, goal: 0.2 }),
    await written("single events, 50 a second", 1, 50, { owed: 1.7, goal: 1 }),
  ];
}

async function start({ pairs }: PerformanceSettings): Promise<readonly Value[]> {
  const runs = await inTurn(pairs, measureStart);
  return [
    {
      name: "`npm start` on an empty folder to `ready`, with 30 days of history",
      unit: "s",
      better: "less",
      owed: { owed: 20, goal: 10 },
      runs,
    },
  ];
}

function compared(changes: Partial<Case>, settings: PerformanceSettings): Promise<Comparison> {
  const usual: Case = { batchEvents: 100, connections: 8, burst: 20, peer: floor, ingest: json };
  const warmUpEvents = Math.floor(settings.events / 10);
  return compare({ ...usual, ...changes }, { ...settings, warmUpEvents, secondsMax, profileDir: null });
}

/** The rate and the CPU of ingest over those of its peer. @throws {Error} when anything was lost or refused: then no rate counts */
function ratios(name: string, { trials, rateOfPeer, cpuOfPeer }: Comparison, rate: Owed = null, cpu: Owed = null): readonly Value[] {
  for (const trial of [...trials.peer, ...trials.ingest]) complete(trial);
  return [
    { name: `${name}: events a second`, unit: "of the peer", better: "more", owed: rate, runs: rateOfPeer },
    { name: `${name}: CPU an event`, unit: "of the peer", better: "less", owed: cpu, runs: cpuOfPeer },
  ];
}

function sizes(name: string, { trials }: Comparison): readonly Value[] {
  return [
    {
      name: `${name}: peak memory`,
      unit: "MiB",
      better: "less",
      owed: { owed: 250, goal: 200 },
      runs: trials.ingest.map(({ peakMiB }) => peakMiB),
    },
    {
      name: `${name}: bytes stored`,
      unit: "bytes an event",
      better: "less",
      owed: { owed: 350, goal: 250 },
      runs: trials.ingest.map(({ bytesPerEventAtRest }) => bytesPerEventAtRest),
    },
  ];
}

/** Ingest without a peer. @throws {Error} when anything was lost or refused */
async function ingestAlone(settings: PerformanceSettings, pair: number, events: number, eventsPerSecond: number | null): Promise<Trial> {
  const { seed, spanMs, nowMs } = settings;
  const warmUpEvents = Math.floor(Math.min(events, settings.events) / 10);
  const traffic = { seed: seed + pair, events: events + warmUpEvents, burst: 20, startMs: nowMs - spanMs, spanMs };
  const requests = { traffic, format: "json", batchEvents: 100, sends: 1 } as const;
  const trial = await runTrial("ingest", {
    requests,
    warmUpEvents,
    connections: eventsPerSecond === null ? 8 : 256,
    eventsPerSecond,
    secondsMax: 1_200,
    profileDir: null,
  });
  settings.onTrial(`${events} events alone${eventsPerSecond === null ? "" : `, ${eventsPerSecond.toFixed(0)} a second`}`, trial);
  complete(trial);
  return trial;
}

function complete({ lost, failed, firstFailure }: Trial): void {
  if (lost !== 0 || failed !== 0) throw new Error(`${lost} acknowledged events are lost, ${failed} requests failed: ${firstFailure}`);
}

async function inTurn<T>(times: number, measure: (turn: number) => Promise<T>): Promise<readonly T[]> {
  const measured: T[] = [];
  for (let turn = 0; turn < times; turn++) measured.push(await measure(turn));
  return measured;
}
