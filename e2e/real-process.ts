import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";

/** Our real processes on data of their own, seen from outside. */
export type RealProcesses = {
  readonly dataDir: string;
  readonly ingestUrl: string;
  /** `host:port` of OTLP/gRPC. */
  readonly grpcAddress: string;
  readonly apiUrl: string;
  readonly ingestKey: string;
  readonly adminKey: string;
  /** Stops both, like a deployment. @returns their exit codes; null for one that had to be killed */
  stop(): Promise<readonly (number | null)[]>;
  /** Deletes the data, once they are stopped. */
  discard(): void;
};

/** The time until both are ready on a busy machine. */
export const startWithinMs = 120_000;

const mainOf = (app: string) => new URL(`../apps/${app}/src/main.ts`, import.meta.url);

/** Starts ingest, then the API, on free ports and a new data folder, and waits until both are ready. */
export async function startRealProcesses(settings: Readonly<Record<string, string>> = {}): Promise<RealProcesses> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-e2e-"));
  const ingestKey = randomBytes(24).toString("hex");
  const adminKey = randomBytes(24).toString("hex");
  const env = {
    PATH: process.env["PATH"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_INGEST_PORT: "0",
    TRINITY_INGEST_GRPC_PORT: "0",
    TRINITY_API_PORT: "0",
    TRINITY_INGEST_KEY: ingestKey,
    TRINITY_ADMIN_KEY: adminKey,
    TRINITY_LOG_LEVEL: "warn",
    ...settings,
  };
  const started: ServerProcess[] = [];
  const stop = () => Promise.all(started.toReversed().map((server) => stopServer(server)));
  const discard = () => rmSync(dataDir, { recursive: true, force: true });
  const start = async (app: string) => {
    const child = spawnServer({ script: mainOf(app), env });
    const server = await serverReady(child, startWithinMs / 2);
    started.push(server);
    return server.ready;
  };
  try {
    const { ingest, grpc } = await start("ingest");
    const { api } = await start("api");
    return {
      dataDir,
      ingestUrl: ingest as string,
      grpcAddress: grpc as string,
      apiUrl: api as string,
      ingestKey,
      adminKey,
      stop,
      discard,
    };
  } catch (error) {
    await stop();
    discard();
    throw error;
  }
}
