import { leaseStoreConformance } from "@trinity/storage/lease-store.conformance";
import { openMemoryLeaseStore } from "./memory-lease-store.ts";

leaseStoreConformance("the lease store in memory", async () => {
  const store = openMemoryLeaseStore();
  return { store, openSecond: async () => store, dispose: () => store.close() };
});
