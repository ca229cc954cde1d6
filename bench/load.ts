/** The load, in a process of its own: `node load.ts '<LoadSettings as JSON>'`. Bounded in events and in time; prints a `LoadResult`. */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient } from "@trinity/testing/http-client";
import { processUsage } from "./process-usage.ts";
import { quantilesOf } from "./quantiles.ts";
import { type IngestRequest, ingestRequests, type RequestSettings } from "./requests.ts";

export type LoadSettings = {
  readonly url: string;
  readonly key: string;
  readonly requests: RequestSettings;
  /** Of the events of the traffic, so many are sent first and not measured. */
  readonly warmUpEvents: number;
  readonly connections: number;
  /** Open loop: requests are due at this rate, whatever is answered, and latency counts from then. Null: each is sent after the answer to the one before. */
  readonly eventsPerSecond: number | null;
  readonly secondsMax: number;
  readonly serverPid: number;
};

/** How many events were acknowledged in all, warm-up included, by a Unix time in ms. */
export type Acknowledged = { readonly atMs: number; readonly events: number };

export type LoadResult = {
  /** Warm-up included. */
  readonly acknowledgedInAll: number;
  readonly acknowledged: number;
  /** Of the measured events, over time; at most one entry every ten milliseconds. */
  readonly progress: readonly Acknowledged[];
  /** Requests of which not every event was acknowledged. */
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

const samples = 100;
const progressEveryMs = 10;

type Phase = { acknowledged: number; failed: number; firstFailure: string | null; latenciesMs: number[]; seconds: number };

/** Sends the load and measures it. */
export async function sendLoad(settings: LoadSettings): Promise<LoadResult> {
  const requests = ingestRequests(settings.requests);
  const client = createHttpClient(settings.url, settings.connections, settings.key);
  const warmUpRequests = Math.ceil(settings.warmUpEvents / settings.requests.batchEvents) * settings.requests.sends;
  const progress: { atMs: number; events: number }[] = [];
  const acknowledgedIds: string[] = [];
  let acknowledgedInAll = 0;

  async function phase(send: (post: (request: IngestRequest, dueMs: number) => Promise<void>) => Promise<unknown>): Promise<Phase> {
    const result: Phase = { acknowledged: 0, failed: 0, firstFailure: null, latenciesMs: [], seconds: 0 };
    const startMs = performance.now();
    await send((request, dueMs) => post(request, dueMs, result));
    result.seconds = (performance.now() - startMs) / 1_000;
    return result;
  }

  const closedLoop = (queue: readonly IngestRequest[]) =>
    phase(async (post) => {
      const endMs = performance.now() + settings.secondsMax * 1_000;
      let next = 0;
      const connection = async () => {
        while (next < queue.length && performance.now() < endMs) await post(queue[next++] as IngestRequest, performance.now());
      };
      await Promise.all(Array.from({ length: settings.connections }, connection));
    });

  const openLoop = (queue: readonly IngestRequest[], eventsPerSecond: number) =>
    phase(async (post) => {
      const startMs = performance.now();
      const everyMs = (settings.requests.batchEvents / eventsPerSecond) * 1_000;
      const due = queue.slice(0, Math.ceil((settings.secondsMax * 1_000) / everyMs));
      const posts: Promise<void>[] = [];
      for (const [i, request] of due.entries()) {
        const dueMs = startMs + i * everyMs;
        if (dueMs > performance.now()) await sleep(dueMs - performance.now());
        posts.push(post(request, dueMs));
      }
      await Promise.all(posts);
    });

  async function post({ path, headers, body, events, eventId }: IngestRequest, dueMs: number, result: Phase): Promise<void> {
    const { status, text } = await client.post(path, body, headers).catch((error: Error) => ({ status: 0, text: error.message }));
    result.latenciesMs.push(performance.now() - dueMs);
    const acknowledged = acknowledgedBy(status, text, events);
    result.acknowledged += acknowledged;
    acknowledgedInAll += acknowledged;
    const atMs = Date.now();
    if (atMs - (progress.at(-1)?.atMs ?? 0) >= progressEveryMs) progress.push({ atMs, events: acknowledgedInAll });
    if (acknowledged === events) {
      if (eventId !== null) acknowledgedIds.push(eventId);
      return;
    }
    result.failed += 1;
    result.firstFailure ??= `${status} ${text.slice(0, 300)}`;
  }

  const warmUp = await closedLoop(requests.slice(0, warmUpRequests));
  const serverCpuSecondsBefore = processUsage(settings.serverPid).cpuSeconds;
  progress.length = 0;
  const queue = requests.slice(warmUpRequests);
  const measured = settings.eventsPerSecond === null ? await closedLoop(queue) : await openLoop(queue, settings.eventsPerSecond);
  const lastAckAtMs = Date.now();
  client.close();
  const { p50, p99 } = quantilesOf(measured.latenciesMs);
  return {
    acknowledgedInAll,
    acknowledged: measured.acknowledged,
    progress,
    failed: warmUp.failed + measured.failed,
    firstFailure: warmUp.firstFailure ?? measured.firstFailure,
    seconds: measured.seconds,
    latencyMsP50: p50,
    latencyMsP99: p99,
    lastAckAtMs,
    serverCpuSecondsBefore,
    sampleIds: acknowledgedIds.filter((_, i) => i % Math.ceil(acknowledgedIds.length / samples) === 0),
  };
}

/** @returns how many events of a request are durable by its answer: taken now, or already there */
export function acknowledgedBy(status: number, text: string, events: number): number {
  if (status === 202) {
    const { accepted, duplicates = 0 } = JSON.parse(text) as { accepted: number; duplicates?: number };
    return accepted + duplicates;
  }
  // OTLP: 200, and what was refused is named. Protobuf says nothing, and JSON not that, where nothing was refused.
  const nothingRefused = text === "" || (text.startsWith("{") && !text.includes("rejectedSpans"));
  return status === 200 && nothingRefused ? events : 0;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await sendLoad(JSON.parse(process.argv[2] as string) as LoadSettings))}\n`);
