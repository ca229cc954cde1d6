import { describe, expect, test } from "vitest";
import type { KeyStore, StoredApiKey } from "./key-store.ts";

export type KeyStoreUnderTest = {
  readonly store: KeyStore;
  /** Opens the same keys a second time, as another process does. */
  openSecond(): Promise<KeyStore>;
  dispose(): Promise<void>;
};

/** Every promise of `KeyStore`, as tests. @param open makes a new, empty store for one test */
export function keyStoreConformance(adapterName: string, open: () => Promise<KeyStoreUnderTest>): void {
  const using = async (check: (subject: KeyStoreUnderTest) => Promise<void>) => {
    const subject = await open();
    await check(subject).finally(() => subject.dispose());
  };

  describe(`${adapterName} keeps the promises of KeyStore:`, () => {
    test("a key is found by its prefix in every store of the same data", () =>
      using(async ({ store, openSecond }) => {
        await store.put(aKey("start"));
        expect(await store.findByPrefix("prefix-start")).toEqual(aKey("start"));
        expect(await (await openSecond()).findByPrefix("prefix-start")).toEqual(aKey("start"));
        expect(await store.findByPrefix("prefix-other")).toBeUndefined();
      }));

    test("keys are listed in order of name", () =>
      using(async ({ store }) => {
        for (const name of ["b", "a", "c"]) await store.put(aKey(name));
        expect(await store.list()).toEqual([aKey("a"), aKey("b"), aKey("c")]);
      }));

    test("put replaces the key of that name, and its old prefix finds nothing", () =>
      using(async ({ store }) => {
        await store.put(aKey("start"));
        const next = aKey("start", { prefix: "new", hash: "00", expiresAtMs: 9_000 });
        await store.put(next);
        expect(await store.list()).toEqual([next]);
        expect(await store.findByPrefix("prefix-start")).toBeUndefined();
      }));

    test("putIfAbsent keeps an existing key, and of several concurrent calls one stores its key", () =>
      using(async ({ store, openSecond }) => {
        const second = await openSecond();
        const put = [store, second, store, second].map((racer, i) => racer.putIfAbsent(aKey("start", { prefix: `racer-${i}` })));
        expect((await Promise.all(put)).filter((wasPut) => wasPut)).toHaveLength(1);
        expect(await store.list()).toHaveLength(1);
      }));

    test("a prefix of another name is refused, and both keys stay unchanged", () =>
      using(async ({ store }) => {
        await store.put(aKey("a"));
        await store.put(aKey("b"));
        await expect(store.put(aKey("b", { prefix: "prefix-a" }))).rejects.toBeInstanceOf(RangeError);
        await expect(store.putIfAbsent(aKey("c", { prefix: "prefix-a" }))).rejects.toBeInstanceOf(RangeError);
        expect(await store.list()).toEqual([aKey("a"), aKey("b")]);
      }));

    test("of several concurrent removals of a key, one returns true", () =>
      using(async ({ store, openSecond }) => {
        await store.put(aKey("login"));
        const second = await openSecond();
        const removed = await Promise.all([store, second, store, second].map((racer) => racer.remove("login")));
        expect(removed.filter((was) => was)).toHaveLength(1);
      }));

    test("a removed key is gone, and removing it again returns false", () =>
      using(async ({ store }) => {
        await store.put(aKey("a"));
        expect(await store.remove("a")).toBe(true);
        expect(await store.remove("a")).toBe(false);
        expect(await store.findByPrefix("prefix-a")).toBeUndefined();
      }));
  });
}

function aKey(name: string, change: Partial<StoredApiKey> = {}): StoredApiKey {
  return {
    prefix: `prefix-${name}`,
    hash: "ab".repeat(32),
    role: "service",
    name,
    createdAtMs: 1_764_000_000_000,
    expiresAtMs: null,
    ...change,
  };
}
