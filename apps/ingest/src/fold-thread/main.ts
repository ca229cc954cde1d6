import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { loggedError } from "@trinity/http/logged-error";
import { openFoldStores } from "@trinity/store-factory/fold-stores";
import { leasedFold, onlyFolder } from "./fold-lease.ts";
import { createFoldNews } from "./fold-news.ts";
import { followLog } from "./follow-log.ts";
import type { FoldCommand, FoldReport, FoldThreadSettings } from "./messages.ts";

/** Folds in its own thread, so that taking events never waits for counting them. */
const { store: config, restMs, idleMs } = workerData as FoldThreadSettings;
const port = parentPort;
if (port === null) throw new Error("the fold runs in a worker thread");
const report = (message: FoldReport) => port.postMessage(message);

/** So long the others wait for a process that died in its turn. */
const leaseForMs = 1_500;

const news = createFoldNews((ms, signal) => sleep(ms, undefined, { signal }));
port.on("message", (command: FoldCommand) => news.receive(command));

const clock = { nowMs: () => Date.now() };
const { store, leases } = await openFoldStores(config, {
  nowMs: clock.nowMs,
  onQuarantined: (cause) => {
    const { code, reason } = loggedError(cause);
    process.stderr.write(`state.db is damaged (${code ?? reason ?? "incomplete"}): kept as state.db.damaged-*, rebuilding from the log\n`);
  },
});
const lease = { name: "fold", holder: randomUUID(), forMs: leaseForMs, clock };
const foldLease =
  leases === null ? onlyFolder : leasedFold({ leases, ...lease, pause: (ms, signal) => sleep(ms, undefined, { signal, ref: false }) });

await followLog({
  store,
  foldLease,
  restMs,
  idleMs,
  nowMs: clock.nowMs,
  sleep,
  news,
  report,
});
await Promise.all([store.close(), leases?.close()]);
report({ kind: "stopped" });
port.close();
