import { eventStoreConformance } from "./event-store.conformance.ts";
import { openMemoryStore } from "./memory-event-store.ts";

eventStoreConformance("the store in memory", async () => {
  const store = openMemoryStore();
  // Its data lives as long as it does: opening it again is going on with it.
  return { store, reopen: async () => store, dispose: () => store.close() };
});
