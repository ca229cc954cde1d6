import { expect, test } from "vitest";
import type { ApiKeyRecord } from "./api-key.ts";
import { startupKeys } from "./startup-keys.ts";

function keptKeys() {
  const kept = new Map<string, ApiKeyRecord>();
  const putIfAbsent = async (key: ApiKeyRecord) => {
    if (kept.has(key.name)) return false;
    kept.set(key.name, key);
    return true;
  };
  return { kept, settings: { putIfAbsent, nowMs: 0, randomBytes: (size: number) => new Uint8Array(size).fill(kept.size + 1) } };
}

test("the first start makes a key for each role and shows it; the second makes none", async () => {
  const { kept, settings } = keptKeys();
  const first = await startupKeys({ env: {}, ...settings });
  expect(first).toMatchObject({ fixed: [], made: [{ role: "admin" }, { role: "service" }] });
  expect(await startupKeys({ env: {}, ...settings })).toEqual({ fixed: [], made: [] });
  for (const { presented } of "made" in first ? first.made : []) expect(JSON.stringify([...kept.values()])).not.toContain(presented);
});

test("of two processes that start at once, one makes the key", async () => {
  const { settings } = keptKeys();
  const started = await Promise.all([startupKeys({ env: {}, ...settings }), startupKeys({ env: {}, ...settings })]);
  expect(started.flatMap((keys) => ("made" in keys ? keys.made : []))).toHaveLength(2);
});

test("an operator's key is taken as it is, and none is made beside it", async () => {
  const { settings } = keptKeys();
  const keys = await startupKeys({ env: { TRINITY_ADMIN_KEY: "an-operators-own-key", TRINITY_INGEST_KEY: "" }, ...settings });
  expect(keys).toMatchObject({ fixed: [{ role: "admin", name: "TRINITY_ADMIN_KEY" }], made: [{ role: "service" }] });
});

test("a key that is too short stops the start, by the name of its variable and without its value", async () => {
  const { settings } = keptKeys();
  const { problems } = (await startupKeys({ env: { TRINITY_INGEST_KEY: "short" }, ...settings })) as { problems: string[] };
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^TRINITY_INGEST_KEY: /);
  expect(problems[0]).not.toContain("short");
});
