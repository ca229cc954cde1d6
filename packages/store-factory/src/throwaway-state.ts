import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DerivedState } from "@trinity/storage/shadow-state";
import { withFileNamed } from "@trinity/storage-sqlite/file-access";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";

export type ThrowawayState = {
  readonly derived: DerivedState;
  /** Closes it and removes its files. */
  discard(): Promise<void>;
};

/**
 * A shadow state in temporary files: it is as large as the state, too large for memory.
 * @throws {StoreUnavailableError} when this user may not write in the folder
 */
export function openThrowawayState(localDir: string): ThrowawayState {
  const prefix = join(localDir, "verify-once-");
  const dataDir = withFileNamed(prefix, true, () => {
    mkdirSync(localDir, { recursive: true, mode: 0o700 });
    return mkdtempSync(prefix);
  });
  const derived = openSqliteStore({ dataDir, mode: "shadow" });
  return {
    derived,
    discard: async () => {
      await derived.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
