import { createHttpClient } from "@trinity/testing/http-client";
import { type ProductApp, productPids } from "@trinity/testing/product-pids";
import type { DrillPlace, DrillProcess, Environment } from "./drill.ts";
import { questionsTo } from "./drill-process.ts";

/** All processes of `npm start`. */
export type WholeProduct = {
  readonly parent: DrillProcess;
  /** The current ingest process: its address stays the same. */
  readonly ingest: DrillProcess;
  readonly api: DrillProcess;
  /** The variables that start it again on its ports. */
  readonly ports: Environment;
  pids(): Partial<Record<ProductApp, number>>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
};

const readyWithinMs = 60_000;
const readyLine = /^ready (http:\/\/[\d.]+:(\d+)).* ingest (http:\/\/[\d.]+:(\d+)) .*gRPC [\d.]+:(\d+)/m;

/** Starts the product and waits for its `ready` line. @throws {Error} without one */
export async function startWholeProduct(place: DrillPlace, environment: Environment): Promise<WholeProduct> {
  const parent = place.spawn("start", environment);
  await place.until(() => readyLine.test(parent.output()) || !parent.isRunning(), readyWithinMs);
  const line = readyLine.exec(parent.output());
  if (line === null) throw new Error(`the product was not ready: ${parent.output().trim().slice(-500)}`);
  const [, apiUrl = "", apiPort, ingestUrl = "", ingestPort, grpcPort] = line;
  const { TRINITY_INGEST_KEY: ingestKey = "", TRINITY_ADMIN_KEY: adminKey = "" } = place.environment;
  return {
    parent,
    ingest: reachedAt(parent, ingestUrl, ingestKey),
    api: reachedAt(parent, apiUrl, adminKey),
    ports: { TRINITY_API_PORT: apiPort, TRINITY_INGEST_PORT: ingestPort, TRINITY_INGEST_GRPC_PORT: grpcPort },
    pids: () => productPids(parent.pid),
    stop: async () => {
      process.kill(parent.pid, "SIGTERM");
      return parent.ended;
    },
  };
}

/** A process of the product at its address; it runs as long as the product. */
function reachedAt(parent: DrillProcess, url: string, key: string): DrillProcess {
  const client = createHttpClient(url, 8, key);
  const { app, pid, output, ended, isRunning, stop, kill } = parent;
  return { app, pid, client, output, ended, isRunning, stop, kill, ready: async () => ({}), ...questionsTo(() => client) };
}
