import { statSync } from "node:fs";
import { acknowledgedHeadPath } from "./acknowledged-head.ts";
import { databasePath } from "./database.ts";
import { withFileNamed } from "./file-access.ts";

/**
 * @returns whether events were ever taken into this folder, as far as its files say
 * @throws {StoreUnavailableError} when this user may not look into the folder
 */
export function hasData(dataDir: string): boolean {
  const log = databasePath(dataDir, "log");
  const paths = [log, `${log}-wal`, databasePath(dataDir, "state"), acknowledgedHeadPath(dataDir)];
  return withFileNamed(log, false, () => paths.some((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0));
}
