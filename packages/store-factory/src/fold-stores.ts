import type { StoreConfig } from "@trinity/config/store-config";
import type { EventStore } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";

/** The stores of a fold; `leases` only when other processes fold the same data. */
export type FoldStores = { readonly store: EventStore; readonly leases: LeaseStore | null };

/** What a process that folds provides for rebuilding a damaged state. */
export type StateRebuilds = {
  readonly nowMs: () => number;
  /** Called after damaged files were quarantined. */
  readonly onQuarantined: (cause: unknown) => void;
};

/** Opens the stores of a fold thread. Does not load the code of others: drizzle alone takes a hundred megabytes. */
export async function openFoldStores(config: StoreConfig, rebuilds: StateRebuilds): Promise<FoldStores> {
  switch (config.TRINITY_STORE) {
    case "sqlite": {
      const { openSqliteStore } = await import("@trinity/storage-sqlite/sqlite-event-store");
      return { store: openSqliteStore({ dataDir: config.TRINITY_DATA_DIR, mode: "readwrite", rebuilds }), leases: null };
    }
    case "dynamodb": {
      const { dynamoStores } = await import("./dynamo-stores.ts");
      const stores = dynamoStores(config);
      return { store: stores.openEventStore("readwrite"), leases: stores.openLeaseStore("readwrite") };
    }
  }
}
