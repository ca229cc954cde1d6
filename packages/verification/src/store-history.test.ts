import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { storeHistoryConformance } from "./store-history.conformance.ts";

storeHistoryConformance("the store in memory", async () => {
  const store = openMemoryStore();
  return { store, reopen: async () => store, dispose: () => store.close() };
});
