import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { compareUtf8 } from "@trinity/storage/text-order";

/** API keys in memory, for tests. */
export function openMemoryKeyStore(): KeyStore {
  const byName = new Map<string, StoredApiKey>();
  const findByPrefix = (prefix: string) => [...byName.values()].find((key) => key.prefix === prefix);

  function put(key: StoredApiKey): void {
    const holder = findByPrefix(key.prefix);
    if (holder !== undefined && holder.name !== key.name) throw new RangeError("a key of another name has this prefix");
    byName.set(key.name, key);
  }

  return {
    findByPrefix: async (prefix) => findByPrefix(prefix),
    list: async () => [...byName.values()].sort((a, b) => compareUtf8(a.name, b.name)),
    put: async (key) => put(key),
    putIfAbsent: async (key) => {
      if (byName.has(key.name)) return false;
      put(key);
      return true;
    },
    remove: async (name) => byName.delete(name),
    close: async () => {},
  };
}
