import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Drill, type DrillPlace, type DrillProcess, type DrillStep, step } from "./drill.ts";
import { type ErrorSettings, injectErrors } from "./injected-errors.ts";

/** Without `write`, which also sends answers. SQLite and our check of the disk write at an offset. */
const fileWrites = ["pwrite64", "fsync", "fdatasync", "ftruncate"];
const noticedWithinMs = 10_000;
const nthMax = 1_000;

/**
 * Row 23: one call fails: the n-th sync for n = 1, 2, 3 and so on. A commit has many similar writes, so for writes n is in the Fibonacci
 * sequence.
 */
export const failingCalls: Drill = {
  row: "23",
  what: "EIO at the n-th sync, and at the n-th write, of each thread of ingest, until a run passes without a failure",
  async run(place) {
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    await place.send(ingest, 3);
    return usingTraceFile(async (traceFile) => {
      /** @returns how many calls failed while a batch was accepted and folded */
      async function failuresAt(calls: readonly string[], nth: number): Promise<number> {
        const errors = await injectErrors(ingest.pid, { calls, errno: "EIO", nth, traceFile });
        await place.send(ingest, 1);
        await place.until(async () => (await api.total("events")) === place.ledger.totals().events, 5_000);
        await errors.end();
        return errors.count();
      }
      async function failEach(calls: readonly string[], nextOf: (n: number, before: number) => number): Promise<DrillStep> {
        const ns: number[] = [];
        for (let [n, before] = [1, 1]; n <= nthMax; [n, before] = [nextOf(n, before), n]) {
          if ((await failuresAt(calls, n)) === 0) break;
          ns.push(n);
        }
        const seen = `failed at ${ns.join(", ")}; then none`;
        return step(`${calls.join(" and ")}: failures, and finally none`, seen, ns.length > 0 && (ns.at(-1) as number) < nthMax);
      }
      return [
        await failEach(["fsync", "fdatasync"], (n) => n + 1),
        await failEach(["pwrite64"], (n, before) => n + before),
        ...(await keepsTrying(place, ingest, api)),
      ];
    });
  },
};

/** Row 23: every write and sync fails for a while. */
export const failingDisk: Drill = {
  row: "23",
  what: "every write and sync of ingest fails for 12 s: EIO, then EROFS, then EDQUOT",
  async run(place) {
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    await place.send(ingest, 3);
    const steps: DrillStep[] = [];
    for (const errno of ["EIO", "EROFS", "EDQUOT"] as const) steps.push(...(await throughOutage(place, ingest, errno)));
    return [...steps, ...(await keepsTrying(place, ingest, api))];
  },
};

async function throughOutage(place: DrillPlace, ingest: DrillProcess, errno: ErrorSettings["errno"]): Promise<readonly DrillStep[]> {
  return usingTraceFile(async (traceFile) => {
    const errors = await injectErrors(ingest.pid, { calls: fileWrites, errno, traceFile });
    const statuses = new Set<number>();
    let again: readonly object[] | undefined;
    let redAfterMs: number | null = null;
    for (const fromMs = Date.now(); Date.now() - fromMs < 12_000; await sleep(250)) {
      const answer = await place.sendOnce(ingest, again);
      statuses.add(answer?.status ?? 0);
      again = answer?.status === 202 ? undefined : answer?.batch;
      if (redAfterMs === null && (await ingest.readiness()).status === 503) redAfterMs = Date.now() - fromMs;
    }
    await errors.end();
    const greenAfterMs = await place.until(async () => {
      if (again !== undefined && (await place.sendOnce(ingest, again))?.status === 202) again = undefined;
      return again === undefined && (await ingest.readiness()).status === 200;
    }, noticedWithinMs);
    return [
      step(`${errno}: only 503`, `${errno}: ${[...statuses].join(" ")}`, statuses.size === 1 && statuses.has(503)),
      step("red within 10 s", `red after ${redAfterMs} ms`, redAfterMs !== null && redAfterMs <= noticedWithinMs),
      step("accepts events and green within 10 s after the end", `after ${greenAfterMs} ms`, greenAfterMs !== null),
    ];
  });
}

/** Row 23: processes that read keep answering, and processes that write sometimes continue. */
export const failingDiskOfOthers: Drill = {
  row: "23",
  what: "every write and sync of the API and of the worker fails for 8 s",
  async run(place) {
    const ingest = await place.start("ingest");
    const api = await place.start("api");
    const worker = await place.start("worker", { TRINITY_VERIFY_INTERVAL: "1s" });
    await place.send(ingest, 5);
    const verified = async () => {
      const answer = await api.client.get("/api/v1/health/verification");
      return answer.status === 200 ? (JSON.parse(answer.text) as { lastCycleAt: string | null }).lastCycleAt : null;
    };
    await place.until(async () => (await verified()) !== null, 15_000);
    return usingTraceFile((apiTrace) =>
      usingTraceFile(async (workerTrace) => {
        const errors = await Promise.all([
          injectErrors(api.pid, { calls: fileWrites, errno: "EIO", traceFile: apiTrace }),
          injectErrors(worker.pid, { calls: fileWrites, errno: "EIO", traceFile: workerTrace }),
        ]);
        const key = Buffer.from(JSON.stringify({ name: "drill", role: "admin" }));
        const rejected = await api.client.post("/api/v1/admin/keys", key);
        const total = await api.total("events");
        const redAfterMs = await place.until(async () => (await worker.readiness()).status === 503, 8_000);
        await sleep(8_000 - (redAfterMs ?? 8_000));
        await Promise.all(errors.map((one) => one.end()));
        const before = await verified();
        const made = await place.until(async () => (await api.client.post("/api/v1/admin/keys", key)).status === 200, noticedWithinMs);
        const goesOnMs = await place.until(async () => ![null, before].includes(await verified()), 20_000);
        const greenAfterMs = await place.until(async () => (await worker.readiness()).status === 200, noticedWithinMs);
        return [
          step("creating a key gets 503", `creating a key gets ${rejected.status}`),
          step("questions are still answered", total === place.ledger.totals().events ? "questions are still answered" : `${total}`),
          step("the worker is red within 10 s", `red after ${redAfterMs} ms`, redAfterMs !== null),
          step("a key can be created afterwards", `after ${made} ms`, made !== null),
          step("the worker is green afterwards", `after ${greenAfterMs} ms`, greenAfterMs !== null),
          step("verification continues afterwards", `after ${goesOnMs} ms`, goesOnMs !== null),
          step(
            "the worker and the API still run",
            api.isRunning() && worker.isRunning() ? "the worker and the API still run" : "one ended",
          ),
          ...(await keepsTrying(place, ingest, api)),
        ];
      }),
    );
  },
};

async function keepsTrying(place: DrillPlace, ingest: DrillProcess, api: DrillProcess): Promise<readonly DrillStep[]> {
  await place.send(ingest, 3);
  return [
    step("ingest still runs", ingest.isRunning() ? "ingest still runs" : `it ended: ${ingest.output().slice(-300)}`),
    ...(await place.checkLedger({ ingest, api })),
  ];
}

async function usingTraceFile<Result>(use: (traceFile: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "trinity-strace-"));
  try {
    return await use(join(folder, "trace.txt"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
