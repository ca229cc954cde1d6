import { statSync } from "node:fs";
import { acknowledgedHeadPath } from "./acknowledged-head.ts";
import { databasePath } from "./database.ts";

/** @returns whether events were ever taken into this folder, as far as its files say */
export function hasData(dataDir: string): boolean {
  const log = databasePath(dataDir, "log");
  const paths = [log, `${log}-wal`, databasePath(dataDir, "state"), acknowledgedHeadPath(dataDir)];
  return paths.some((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0);
}
