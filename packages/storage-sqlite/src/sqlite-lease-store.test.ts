import type { LeaseStore } from "@trinity/storage/lease-store";
import { leaseStoreConformance } from "@trinity/storage/lease-store.conformance";
import { newDataDir, removeDataDir } from "./data-dir.testing.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";
import { openSqliteLeaseStore } from "./sqlite-lease-store.ts";

leaseStoreConformance(
  "the lease store on SQLite",
  async () => {
    const dataDir = newDataDir();
    const opened: LeaseStore[] = [];
    const open = () => {
      const store = openSqliteLeaseStore({ dataDir });
      opened.push(store);
      return store;
    };
    return {
      store: open(),
      openSecond: async () => open(),
      dispose: async () => {
        for (const store of opened) await store.close();
        removeDataDir(dataDir);
      },
    };
  },
  sqliteFaults,
);
