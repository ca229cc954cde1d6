import type { ServerSettings } from "@trinity/testing/server-process";

/** The key for questions; the server lives only as long as the run. */
export const benchAdminKey = "bench-admin-key-0123456789";

/** The real API process, on a data folder and a free port. */
export function apiServer(dataDir: string, environment: Readonly<Record<string, string | undefined>>): ServerSettings {
  const env = {
    PATH: environment["PATH"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_API_PORT: "0",
    TRINITY_ADMIN_KEY: benchAdminKey,
    TRINITY_LOG_LEVEL: "warn",
    // Equal questions are asked again and again: each is to be computed.
    TRINITY_ANSWER_CACHE_MIB: "0",
  };
  return { script: new URL("../apps/api/src/main.ts", import.meta.url), env };
}
