import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DerivedState } from "@trinity/storage/replay";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";

export type ThrowawayState = {
  readonly derived: DerivedState;
  /** Closes it, and removes its files. */
  discard(): Promise<void>;
};

/** A second derivation in files of its own: it is as large as the state, too large for memory. */
export function openThrowawayState(localDir: string): ThrowawayState {
  mkdirSync(localDir, { recursive: true, mode: 0o700 });
  const dataDir = mkdtempSync(join(localDir, "verify-once-"));
  const derived = openSqliteStore({ dataDir, mode: "derivation" });
  return {
    derived,
    discard: async () => {
      await derived.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
