import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemsOfLog, problemsOfOutput, problemsOfStatuses } from "./audit.ts";
import { everyCase } from "./cases/every-case.ts";
import { mutationCases } from "./cases/mutations.ts";
import { startHealthProbe } from "./health-probe.ts";
import { createContext, type HostileContext } from "./hostile-context.ts";
import { readMetrics } from "./ingest-counters.ts";
import { type IngestProcess, startIngest } from "./ingest-process.ts";
import { createLedger } from "./ledger.ts";
import { type CaseResult, runCases } from "./run-cases.ts";
import { openSlowClients } from "./slow-clients.ts";

export type HostileSettings = {
  readonly seed: number;
  /** The number of mutated valid requests to send after the table. */
  readonly mutations: number;
  readonly nowMs: () => number;
  readonly onResult?: (result: CaseResult, done: number, total: number) => void;
};

const keys = { ingestKey: "hostile-suite-ingest-key-5b1d", adminKey: "hostile-suite-admin-key-90aa" };
const stopWithinMs = 10_000;

/** Starts the real process on empty data, sends all cases, stops it, and checks its data and output. */
export async function runHostile({ seed, mutations, nowMs, onResult = () => {} }: HostileSettings): Promise<readonly CaseResult[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-hostile-"));
  const ingest = await startIngest({ dataDir, ...keys });
  try {
    const { httpPort, grpcPort } = ingest;
    const context = createContext(seed.toString(36), { host: "127.0.0.1", httpPort, grpcPort, nowMs, ...keys });
    const cases = [...everyCase(), ...mutationCases(seed, mutations)];
    const ledger = createLedger();
    const health = startHealthProbe(httpPort);
    const slow = openSlowClients(context, 30);
    let done = 0;
    const results = await runCases(cases, {
      context,
      ingest,
      health,
      ledger,
      onResult: (result) => onResult(result, ++done, cases.length),
    });
    const cut = ingest.isAlive() ? await slow.ended() : ["the process ended"];
    const statuses = ingest.isAlive() ? await problemsOfStatuses(context, ledger) : ["the process ended"];
    await health.stop();
    return [
      ...results,
      { row: "9", name: "60 unfinished requests are cut off", problems: cut, tookMs: 0 },
      { row: "end", name: "every event has the status of its answer", problems: statuses, tookMs: 0 },
      ...(await afterwards(context, ingest, dataDir)),
    ];
  } finally {
    await ingest.stop(0);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function afterwards(context: HostileContext, ingest: IngestProcess, dataDir: string): Promise<readonly CaseResult[]> {
  const { counters } = await readMetrics(context);
  const exit = await ingest.stop(stopWithinMs);
  const result = (name: string, problems: readonly string[]): CaseResult => ({ row: "end", name, problems, tookMs: 0 });
  return [
    result("the process stops within 10 s of SIGTERM", exit === 0 ? [] : [`it ended with ${exit ?? "SIGKILL"}`]),
    result("the log and the derived state contain what was acknowledged", await problemsOfLog(dataDir, counters)),
    result("its output has no errors, values or keys", problemsOfOutput(ingest.output, Object.values(keys))),
  ];
}
