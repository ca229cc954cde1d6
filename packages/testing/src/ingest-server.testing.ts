import { ingestNodeArgs } from "@trinity/lifecycle/ingest-node-args";
import type { ServerSettings } from "./server-process.testing.ts";

/** The key that the load presents; the server lives only as long as the run. */
export const ingestKey = "bench-ingest-key-0123456789";

/** The ingest process as it ships, on a data folder of its own and the given ports (0 for free ones). */
export function ingestServer(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
  ports: { readonly http: number; readonly grpc: number } = { http: 0, grpc: 0 },
): ServerSettings {
  const env = {
    PATH: environment["PATH"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_INGEST_PORT: `${ports.http}`,
    TRINITY_INGEST_GRPC_PORT: `${ports.grpc}`,
    TRINITY_INGEST_KEY: ingestKey,
    TRINITY_MAX_EVENT_AGE: "unlimited",
    TRINITY_LOG_LEVEL: "warn",
  };
  return { script: new URL("../../../apps/ingest/src/main.ts", import.meta.url), nodeArgs: ingestNodeArgs, env };
}
