import { leaseStoreConformance } from "./lease-store.conformance.ts";
import { openMemoryLeaseStore } from "./memory-lease-store.ts";

leaseStoreConformance("the lease store in memory", async () => {
  const store = openMemoryLeaseStore();
  return { store, openSecond: async () => store, dispose: () => store.close() };
});
