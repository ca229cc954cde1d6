import { join } from "node:path";
import { acceptLog } from "@trinity/storage-sqlite/accept-log";
import { openSqliteLogCheck } from "@trinity/storage-sqlite/check-log";
import { checkStateFile } from "@trinity/storage-sqlite/check-state-file";
import { takeStartLock } from "@trinity/storage-sqlite/folder-lock";
import { hasData } from "@trinity/storage-sqlite/has-data";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { openSqliteKeyStore } from "@trinity/storage-sqlite/sqlite-key-store";
import { openSqliteLeaseStore } from "@trinity/storage-sqlite/sqlite-lease-store";
import { openSqliteShadowState } from "@trinity/storage-sqlite/sqlite-shadow-state";
import type { Stores } from "./stores.ts";
import { openThrowawayState } from "./throwaway-state.ts";

/** Files in one folder of one machine. */
export function sqliteStores(dataDir: string): Stores {
  return {
    isShared: false,
    localDir: dataDir,
    segmentsDir: join(dataDir, "segments"),
    segmentBucket: null,
    openEventStore: (mode) => openSqliteStore({ dataDir, mode }),
    openKeyStore: () => openSqliteKeyStore({ dataDir }),
    openLeaseStore: (mode) => openSqliteLeaseStore({ dataDir, mode }),
    openVerification: async () => {
      // The shadow states have a lock of the operating system, which cannot be lost.
      const shadowState = openSqliteShadowState(dataDir);
      return { shadowState, lost: new AbortController().signal, close: () => shadowState.close() };
    },
    checkState: (throttle) => checkStateFile(dataDir, throttle),
    openLogCheck: (keyOf) => openSqliteLogCheck(dataDir, keyOf),
    openThrowawayState: () => openThrowawayState(dataDir),
    claimStart: () => takeStartLock(dataDir),
    // Every store creates its own files.
    prepare: async () => [],
    acceptLog: (nowMs) => acceptLog(dataDir, nowMs),
    hasData: () => hasData(dataDir),
  };
}
