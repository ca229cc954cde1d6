import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { openMemoryStore } from "./memory-event-store.ts";

eventStoreConformance("the store in memory", async () => {
  const store = openMemoryStore();
  // Its data lives as long as it does: opening it again is going on with it.
  return { store, reopen: async () => store, dispose: () => store.close() };
});
