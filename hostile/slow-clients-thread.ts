import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/** Keeps connections open that send only their first bytes. A separate thread, because the suite is busy with other cases. */
const { host, port, openings, cutAfterMs } = workerData as SlowClientsSettings;
export type SlowClientsSettings = {
  readonly host: string;
  readonly port: number;
  readonly openings: readonly string[];
  readonly cutAfterMs: number;
};
/** The bytes that each client had read when the server closed its connection; null if it never did. */
export type SlowClientsReport = readonly (string | null)[];

function endOf(bytes: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const socket = connect(port, host);
  const timer = setTimeout(() => resolve(null), cutAfterMs);
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString("latin1")));
  socket.on("error", () => {}); // a reset closes the connection as well
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(read);
  });
  socket.write(bytes);
  return promise.finally(() => socket.destroy());
}

const report: SlowClientsReport = await Promise.all(openings.map(endOf));
parentPort?.postMessage(report);
