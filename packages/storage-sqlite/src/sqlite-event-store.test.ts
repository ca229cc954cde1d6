import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { storeHistoryConformance } from "@trinity/verification/store-history.conformance";
import { newDataDir, removeDataDir } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";

const adapterName = "the store on SQLite";

async function openEmptyStore() {
  const dataDir = newDataDir();
  const open = (): EventStore => openSqliteStore({ dataDir, mode: "readwrite" });
  let store = open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = open());
    },
    dispose: async () => {
      await store.close();
      removeDataDir(dataDir);
    },
  };
}

eventStoreConformance(adapterName, openEmptyStore, {
  faults: sqliteFaults,
  inVerification: true,
  open: openEmptyStore,
  openReference: openMemoryStore,
});
storeHistoryConformance(adapterName, openEmptyStore);
