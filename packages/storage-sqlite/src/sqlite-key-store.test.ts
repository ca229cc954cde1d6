import type { KeyStore } from "@trinity/storage/key-store";
import { keyStoreConformance } from "@trinity/storage/key-store.conformance";
import { newDataDir, removeDataDir } from "./data-dir.testing.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";

keyStoreConformance("the key store on SQLite", async () => {
  const dataDir = newDataDir();
  const opened: KeyStore[] = [];
  const open = () => {
    const store = openSqliteKeyStore({ dataDir });
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
});
