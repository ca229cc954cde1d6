import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/** Holds connections open that say no more than their first bytes; a thread of its own, since the suite is busy with other cases. */
const { host, port, openings, cutAfterMs } = workerData as SlowClientsSettings;
export type SlowClientsSettings = {
  readonly host: string;
  readonly port: number;
  readonly openings: readonly string[];
  readonly cutAfterMs: number;
};
/** The bytes that each client had read when it was cut off; null for one that never was. */
export type SlowClientsReport = readonly (string | null)[];

function endOf(bytes: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const socket = connect(port, host);
  const timer = setTimeout(() => resolve(null), cutAfterMs);
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString("latin1")));
  socket.on("error", () => {}); // a reset is a way to be cut off
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(read);
  });
  socket.write(bytes);
  return promise.finally(() => socket.destroy());
}

const report: SlowClientsReport = await Promise.all(openings.map(endOf));
parentPort?.postMessage(report);
