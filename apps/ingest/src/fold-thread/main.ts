import { parentPort, workerData } from "node:worker_threads";
import { DamagedStateError } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import type { FoldCommand, FoldReport, FoldThreadSettings } from "./messages.ts";

/**
 * Follows the log: folds what is behind the mark as soon as it is told of more, and looks by itself now and then.
 * Runs in its own thread, so that taking events never waits for counting them.
 */
const { dataDir, restMs, idleMs } = workerData as FoldThreadSettings;
const port = parentPort;
if (port === null) throw new Error("the fold runs in a worker thread");
const report = (message: FoldReport) => port.postMessage(message);

let stopping = false;
let told = false;
let wake: () => void = () => {};
port.on("message", (command: FoldCommand) => {
  stopping ||= command === "stop";
  told = true;
  wake();
});

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    if (told) wake();
  });
}

const store = openSqliteStore({ dataDir, mode: "readwrite" });

/** @returns how long the oldest commit that is not folded yet has waited; 0 when none does */
async function reportFolded(): Promise<number> {
  const { seq } = await store.readMark();
  const [waiting] = await store.readChunks(seq, 1);
  const atMs = Date.now();
  report({ kind: "folded", seq, atMs, waitingSinceMs: waiting?.receivedAtMs ?? null });
  return Math.max(0, atMs - (waiting?.receivedAtMs ?? atMs));
}

/** @returns how many chunks were folded */
async function foldOnce(): Promise<number> {
  try {
    return await foldNext(store, Date.now());
  } catch (error) {
    if (!(error instanceof DamagedStateError)) throw error;
    // Until verification has set it right, what is taken waits to be counted, and readiness says so.
    return 0;
  }
}

for (;;) {
  told = false;
  let waitedMs = 0;
  const folded = await foldOnce();
  if (folded > 0) waitedMs = await reportFolded();
  else if (stopping) break;
  else await rest(idleMs);
  // A fold that is behind goes on at once.
  if (!stopping && waitedMs < restMs) await new Promise((resolve) => setTimeout(resolve, restMs - waitedMs));
}
await store.close();
report({ kind: "stopped" });
port.close();
