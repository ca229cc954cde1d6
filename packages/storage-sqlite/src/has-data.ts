import { statSync } from "node:fs";
import { acknowledgedHeadPath } from "./acknowledged-head.ts";
import { databasePath } from "./database.ts";
import { withFileNamed } from "./file-access.ts";

/**
 * @returns whether this folder has or had events, by its files
 * @throws {StoreUnavailableError} when this user cannot read the folder
 */
export function hasData(dataDir: string): boolean {
  const log = databasePath(dataDir, "log");
  const paths = [log, `${log}-wal`, databasePath(dataDir, "state"), acknowledgedHeadPath(dataDir)];
  return withFileNamed(log, false, () => paths.some((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0));
}
