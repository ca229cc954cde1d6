import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { newDataDir, removeDataDir } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";

eventStoreConformance(
  "the store on SQLite",
  async () => {
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
  },
  sqliteFaults,
);
