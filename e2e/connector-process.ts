import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import type { RealProcesses } from "./real-process.ts";
import { localCredentials } from "./trinity-tables.ts";

export type ConnectorProcess = {
  readonly url: string;
  /** The value of one series of its metrics page; undefined if there is none yet. */
  metric(series: string): Promise<number | undefined>;
  stop(): Promise<number | null>;
  /** Ends it without warning, like a machine that fails. */
  kill(): Promise<void>;
};

const main = new URL("../apps/connector/src/main.ts", import.meta.url);

/** Starts the real connector between tables and an ingest process. */
export async function startConnectorProcess(
  { dataDir, ingestUrl, ingestKey }: Pick<RealProcesses, "dataDir" | "ingestUrl" | "ingestKey">,
  sourceEndpoint: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ConnectorProcess> {
  const env = {
    PATH: process.env["PATH"],
    ...localCredentials,
    TRINITY_DATA_DIR: dataDir,
    TRINITY_CONNECTOR_PORT: "0",
    TRINITY_INGEST_URL: ingestUrl,
    TRINITY_INGEST_KEY: ingestKey,
    TRINITY_SOURCE_ENDPOINT: sourceEndpoint,
    TRINITY_LOG_LEVEL: "error",
    ...settings,
  };
  const child = spawnServer({ script: main, env });
  const server: ServerProcess = await serverReady(child);
  const url = server.ready["connector"] as string;
  return {
    url,
    async metric(series) {
      const page = await (await fetch(`${url}/metrics`)).text();
      const line = page.split("\n").find((text) => text.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
    stop: () => stopServer(server),
    async kill() {
      server.kill("SIGKILL");
      await server.ended;
    },
  };
}
