import { parentPort, workerData } from "node:worker_threads";
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

async function reportFolded(): Promise<void> {
  const { seq } = await store.readMark();
  const [waiting] = await store.readChunks(seq, 1);
  report({ kind: "folded", seq, atMs: Date.now(), waitingSinceMs: waiting?.receivedAtMs ?? null });
}

for (;;) {
  told = false;
  const folded = await foldNext(store, Date.now());
  if (folded > 0) await reportFolded();
  else if (stopping) break;
  else await rest(idleMs);
  if (!stopping) await new Promise((resolve) => setTimeout(resolve, restMs));
}
await store.close();
report({ kind: "stopped" });
port.close();
