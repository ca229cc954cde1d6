/** The load, in a process of its own: `node load.ts '<LoadSettings as JSON>'`. A closed loop, bounded in events and in time; prints a `LoadResult`. */
import { performance } from "node:perf_hooks";
import { createHttpClient } from "@trinity/testing/http-client";
import { processUsage } from "./process-usage.ts";
import { type TrafficSettings, voteBodies } from "./vote-traffic.ts";

export type LoadSettings = {
  readonly url: string;
  readonly key: string;
  readonly traffic: TrafficSettings;
  /** Of the events of the traffic, so many are sent first and not measured. */
  readonly warmUpEvents: number;
  readonly batchEvents: number;
  readonly connections: number;
  readonly secondsMax: number;
  readonly serverPid: number;
};

export type LoadResult = {
  /** Warm-up included. */
  readonly acknowledgedInAll: number;
  readonly acknowledged: number;
  /** Requests without a 202. */
  readonly failed: number;
  readonly firstFailure: string | null;
  readonly seconds: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  readonly lastAckAtMs: number;
  /** The server's usage when the measurement began. */
  readonly serverCpuSecondsBefore: number;
  /** Some of the acknowledged ids. */
  readonly sampleIds: readonly string[];
};

type Body = ReturnType<typeof voteBodies>[number];
type Phase = { acknowledged: number; failed: number; firstFailure: string | null; latenciesMs: number[]; seconds: number };

async function run(settings: LoadSettings): Promise<LoadResult> {
  const bodies = voteBodies(settings.traffic, settings.batchEvents);
  const client = createHttpClient(settings.url, settings.connections, settings.key);
  const warmUpBodies = Math.ceil(settings.warmUpEvents / settings.batchEvents);

  async function phase(queue: readonly Body[]): Promise<Phase> {
    const result: Phase = { acknowledged: 0, failed: 0, firstFailure: null, latenciesMs: [], seconds: 0 };
    const startMs = performance.now();
    const endMs = startMs + settings.secondsMax * 1_000;
    let next = 0;
    const connection = async () => {
      while (next < queue.length && performance.now() < endMs) await post(queue[next++] as Body, result);
    };
    await Promise.all(Array.from({ length: settings.connections }, connection));
    result.seconds = (performance.now() - startMs) / 1_000;
    return result;
  }

  async function post({ body, eventIds }: Body, result: Phase): Promise<void> {
    const sentMs = performance.now();
    const { status, text } = await client.post("/v1/events", body).catch((error: Error) => ({ status: 0, text: error.message }));
    result.latenciesMs.push(performance.now() - sentMs);
    const accepted = status === 202 ? (JSON.parse(text) as { accepted: number }).accepted : 0;
    result.acknowledged += accepted;
    if (accepted === eventIds.length) return;
    result.failed += 1;
    result.firstFailure ??= `${status} ${text.slice(0, 300)}`;
  }

  const warmUp = await phase(bodies.slice(0, warmUpBodies));
  const serverCpuSecondsBefore = processUsage(settings.serverPid).cpuSeconds;
  const measured = await phase(bodies.slice(warmUpBodies));
  const lastAckAtMs = Date.now();
  client.close();
  const sorted = measured.latenciesMs.sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    acknowledgedInAll: warmUp.acknowledged + measured.acknowledged,
    acknowledged: measured.acknowledged,
    failed: warmUp.failed + measured.failed,
    firstFailure: warmUp.firstFailure ?? measured.firstFailure,
    seconds: measured.seconds,
    latencyMsP50: quantile(0.5),
    latencyMsP99: quantile(0.99),
    lastAckAtMs,
    serverCpuSecondsBefore,
    sampleIds: bodies.filter((_, i) => i % Math.ceil(bodies.length / 100) === 0).map(({ eventIds }) => eventIds[0] as string),
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] as string) as LoadSettings))}\n`);
