import { keyStoreConformance } from "@trinity/storage/key-store.conformance";
import { openMemoryKeyStore } from "./memory-key-store.ts";

keyStoreConformance("the key store in memory", async () => {
  const store = openMemoryKeyStore();
  return { store, openSecond: async () => store, dispose: () => store.close() };
});
