import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { openMemoryStore } from "./memory-event-store.ts";

eventStoreConformance("the store in memory", async () => {
  const store = openMemoryStore();
  // The data lives as long as the store, so reopening returns the same store.
  return { store, reopen: async () => store, dispose: () => store.close() };
});
