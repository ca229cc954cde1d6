import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@trinity/runtime/clock";
import { createHttpClient } from "@trinity/testing/http-client";
import { ingestKey, ingestServer } from "@trinity/testing/ingest-server";
import { seededChoice } from "@trinity/testing/seeded-random";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { type Check, check } from "./check.ts";
import { Gate } from "./gate.ts";
import { Ledger } from "./ledger.ts";
import { sendUntil } from "./sender.ts";
import { syncsPerAnswer } from "./syncs-per-answer.ts";
import { createTraffic } from "./traffic.ts";

export type SyncSettings = {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly requests: number;
  readonly clock: Clock;
};

/** Watches the system calls of an ingest process while it answers requests one after the other. No checks if strace is missing. */
export async function checkSyncs({ dataDir, environment, requests, clock }: SyncSettings): Promise<readonly Check[]> {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    process.stderr.write("strace is not installed (Debian: apt-get install strace): nothing was checked\n");
    return [];
  }
  const server = await serverReady(spawnServer(ingestServer(dataDir, environment)));
  const traceFile = join(dataDir, "strace.txt");
  const strace = await attach(server.pid, traceFile);
  const client = createHttpClient(server.ready["ingest"] as string, 1, ingestKey);
  const nextBatch = createTraffic({ sender: 0, batchEvents: 10, repeats: 0, clock }, seededChoice(1));
  let answered = 0;
  const onAcknowledged = () => (answered += 1);
  await sendUntil(() => answered >= requests, { client, ledger: new Ledger(), nextBatch, gate: new Gate(), restMs: 0, onAcknowledged });
  client.close();
  await stopServer(server);
  await strace.ended;
  const syncs = syncsPerAnswer(readFileSync(traceFile, "utf8"), "/log.db-wal");
  return [
    check("answers seen by strace", requests, syncs.length),
    check("answers without a sync of the log before them", 0, syncs.filter((count) => count === 0).length),
    check("at least as many syncs of the log as answers", "yes", syncs.reduce((sum, count) => sum + count, 0) >= requests ? "yes" : "no"),
  ];
}

/** @returns, once strace watches, a promise that resolves when the process ends */
async function attach(pid: number, traceFile: string): Promise<{ ended: Promise<unknown> }> {
  const strace: ChildProcess = spawn(
    "strace",
    ["-f", "-y", "-s", "32", "-e", "trace=read,write,writev,fsync,fdatasync", "-o", traceFile, "-p", `${pid}`],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const ended = new Promise((resolve) => strace.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    let text = "";
    strace.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("attached")) resolve();
    });
    strace.once("exit", () => reject(new Error(`strace could not watch the process: ${text}`)));
  });
  return { ended };
}
