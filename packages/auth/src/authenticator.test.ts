import { failed } from "@trinity/runtime/result";
import { describe, expect, test } from "vitest";
import { type ApiKeyRecord, createApiKey } from "./api-key.ts";
import { createAuthenticator } from "./authenticator.ts";

let serial = 0;
const bytes = (size: number) => new Uint8Array(size).fill((serial += 1));
const newKey = (role: "admin" | "service" = "service") =>
  createApiKey({ role, name: `key ${serial}`, createdAtMs: 0, expiresAtMs: null }, bytes);

function authenticatorOf(listed: () => readonly ApiKeyRecord[], fixed: readonly ApiKeyRecord[] = []) {
  let nowMs = 0;
  let reads = 0;
  const authenticator = createAuthenticator({
    fixed,
    list: async () => {
      reads += 1;
      return listed();
    },
    clock: { nowMs: () => nowMs },
    cachedForMs: 2_000,
  });
  const ask = (key: string) => authenticator.authenticate({ "x-api-key": key }, "127.0.0.1");
  return { ask, pass: (ms: number) => (nowMs += ms), reads: () => reads, authenticator };
}

describe("an authenticator", () => {
  test("knows the keys of the store and the fixed ones, and no others", async () => {
    const [stored, fixed, stranger] = [newKey("service"), newKey("admin"), newKey()];
    const { ask } = authenticatorOf(() => [stored.record], [fixed.record]);
    expect(await ask(stored.presented)).toMatchObject({ ok: true, value: { role: "service" } });
    expect(await ask(fixed.presented)).toMatchObject({ ok: true, value: { role: "admin" } });
    expect(await ask(stranger.presented)).toEqual(failed({ kind: "unauthenticated" }));
  });

  test("a revoked key works only as long as the list is cached", async () => {
    const key = newKey();
    let keys = [key.record];
    const { ask, pass } = authenticatorOf(() => keys);
    expect((await ask(key.presented)).ok).toBe(true);
    keys = [];
    pass(2_000);
    expect(await ask(key.presented)).toEqual(failed({ kind: "unauthenticated" }));
  });

  test("concurrent requests share one read of the list", async () => {
    const key = newKey();
    const { ask, reads } = authenticatorOf(() => [key.record]);
    await Promise.all(Array.from({ length: 20 }, () => ask(key.presented)));
    expect(reads()).toBe(1);
  });

  test("a store that fails for a moment locks no key out; one that never answered admits none", async () => {
    const key = newKey();
    let failing = false;
    const { ask, pass } = authenticatorOf(() => {
      if (failing) throw new Error("busy");
      return [key.record];
    });
    await ask(key.presented);
    failing = true;
    pass(5_000);
    expect((await ask(key.presented)).ok).toBe(true);
    const never = authenticatorOf(() => {
      throw new Error("busy");
    });
    await expect(never.ask(key.presented)).rejects.toThrow("busy");
  });

  test("a flood of wrong keys has to wait, and the right key of the same address does not", async () => {
    const key = newKey();
    const { ask } = authenticatorOf(() => [key.record]);
    for (let i = 0; i < 300; i++) await ask(`tk_aaaaaaaa_${i}`);
    expect(await ask("tk_aaaaaaaa_wrong")).toMatchObject({ ok: false, error: { kind: "too-many-requests" } });
    expect((await ask(key.presented)).ok).toBe(true);
  });
});
