import type { HealthProbe } from "./health-probe.ts";
import type { HostileCase, Observation } from "./hostile-case.ts";
import type { HostileContext } from "./hostile-context.ts";
import { send } from "./http-request.ts";
import { type IngestCounters, readMetrics } from "./ingest-counters.ts";
import type { IngestProcess } from "./ingest-process.ts";
import { enter, type Ledger } from "./ledger.ts";
import { batchOf, ordinaryEvent } from "./ordinary-event.ts";
import { problemsOfAnswers } from "./problems-of-answer.ts";

export type CaseResult = { readonly row: string; readonly name: string; readonly problems: readonly string[]; readonly tookMs: number };

export type RunSettings = {
  readonly context: HostileContext;
  readonly ingest: IngestProcess;
  readonly health: HealthProbe;
  readonly ledger: Ledger;
  readonly onResult: (result: CaseResult) => void;
};

const caseDeadlineMs = 10_000;
const healthMaxMs = 2_000;
const ordinaryMaxMs = 5_000;
const memoryGrowthMaxBytes = 512 * 1024 * 1024;

/** Runs the cases in order, each followed by an ordinary event. Stops if the process ended. */
export async function runCases(cases: readonly HostileCase[], settings: RunSettings): Promise<readonly CaseResult[]> {
  const { context, ingest, onResult } = settings;
  const results: CaseResult[] = [];
  const memoryAtStart = ingest.memory().bytes;
  let { counters } = await readMetrics(context);
  for (const one of cases) {
    const { result, after } = await runCase(one, counters, memoryAtStart, settings);
    counters = after;
    results.push(result);
    onResult(result);
    if (!ingest.isAlive()) break;
  }
  return results;
}

async function runCase(
  one: HostileCase,
  before: IngestCounters,
  memoryAtStart: number,
  { context, ingest, health, ledger }: RunSettings,
): Promise<{ result: CaseResult; after: IngestCounters }> {
  const peakBefore = ingest.memory().bytesMax;
  health.sinceLast();
  const startMs = performance.now();
  const seen = await within(one.deadlineMs ?? caseDeadlineMs, one.send(context));
  const tookMs = Math.round(performance.now() - startMs);
  const { slowestMs, failed } = health.sinceLast();

  const problems: string[] = [];
  if (seen === null) problems.push(`no answer within ${one.deadlineMs ?? caseDeadlineMs} ms`);
  if (slowestMs > healthMaxMs) problems.push(`/healthz took ${slowestMs} ms meanwhile`);
  if (failed > 0) problems.push("/healthz failed meanwhile");
  problems.push(...(await problemsOfOrdinary(context, ledger)));
  if (!ingest.isAlive()) return { result: { ...one, problems: [...problems, "the process ended"], tookMs }, after: before };

  const page = await readMetrics(context);
  if (seen !== null) problems.push(...problemsOfObservation(one, seen, context));
  // The ordinary event was accepted as well.
  const delta = difference(page.counters, before);
  problems.push(...enter(ledger, seen ?? { answers: [] }, { ...delta, accepted: delta.accepted - 1 }));
  if (page.brokenLines.length > 0) problems.push("/metrics does not parse");
  if (page.series > 5_000) problems.push(`/metrics has ${page.series} series`);
  // The peak never falls: only the case that raised it fails.
  const { bytesMax } = ingest.memory();
  const grown = bytesMax - memoryAtStart;
  if (grown > memoryGrowthMaxBytes && bytesMax > peakBefore) problems.push(`memory has grown by ${Math.round(grown / 1024 ** 2)} MiB`);
  return { result: { row: one.row, name: one.name, problems, tookMs }, after: page.counters };
}

function problemsOfObservation(one: HostileCase, seen: Observation, { ingestKey, adminKey }: HostileContext): string[] {
  try {
    return [...problemsOfAnswers(seen, [ingestKey, adminKey]), ...one.expect(seen)];
  } catch (error) {
    return [`an answer could not be read: ${(error as Error).message}`];
  }
}

/** The check after each case: an ordinary event is accepted once, and in time. */
async function problemsOfOrdinary(context: HostileContext, ledger: Ledger): Promise<string[]> {
  const event = ordinaryEvent(context);
  const startMs = performance.now();
  const headers = { "content-type": "application/json" };
  const answer = await within(ordinaryMaxMs, send(context, { path: "/v1/events", headers, body: batchOf([event]) }));
  if (answer === null) return [`an ordinary event had no answer after ${Math.round(performance.now() - startMs)} ms`];
  ledger.storedIds.add(event.eventId);
  const { accepted } = answer.status === 202 ? (JSON.parse(answer.body.toString()) as { accepted: number }) : { accepted: 0 };
  return accepted === 1 ? [] : [`an ordinary event got ${answer.status}, accepted ${accepted}`];
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function difference(after: IngestCounters, before: IngestCounters): IngestCounters {
  return {
    accepted: after.accepted - before.accepted,
    duplicate: after.duplicate - before.duplicate,
    rejected: after.rejected - before.rejected,
  };
}
