import { randomBytes } from "node:crypto";
import { type Failed, unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import type { ApiKeyRecord } from "./api-key.ts";
import { type OfferedKey, placeKeys, startupKeys } from "./startup-keys.ts";

const noneOf = { nowMs: 0, randomBytes };

function offeredOf(env: Parameters<typeof startupKeys>[0]["env"]): readonly OfferedKey[] {
  return unwrap(startupKeys({ env, ...noneOf })).offered;
}

function keptKeys() {
  const kept = new Map<string, ApiKeyRecord>();
  const shown: OfferedKey[] = [];
  const putIfAbsent = async (key: ApiKeyRecord) => {
    if (kept.has(key.name)) return false;
    kept.set(key.name, key);
    return true;
  };
  return { kept, shown, start: () => placeKeys(offeredOf({}), { putIfAbsent, show: (key) => shown.push(key) }) };
}

test("the first start makes a key for each role and shows it; the second makes none", async () => {
  const { kept, shown, start } = keptKeys();
  await start();
  expect(shown.map(({ role }) => role)).toEqual(["admin", "service"]);
  await start();
  expect(shown).toHaveLength(2);
  for (const { presented } of shown) expect(JSON.stringify([...kept.values()])).not.toContain(presented);
});

test("of two processes that start at once, one makes the key", async () => {
  const { shown, start } = keptKeys();
  await Promise.all([start(), start()]);
  expect(shown).toHaveLength(2);
});

test("an operator's key is used unchanged, and none is made beside it", () => {
  const keys = unwrap(startupKeys({ env: { TRINITY_ADMIN_KEY: "an-operators-own-key", TRINITY_INGEST_KEY: "" }, ...noneOf }));
  expect(keys).toMatchObject({ fixed: [{ role: "admin", name: "TRINITY_ADMIN_KEY" }], offered: [{ role: "service" }] });
});

test("the key of the demo is used if it is set, and never generated", () => {
  expect(offeredOf({}).map(({ variable }) => variable)).toEqual(["TRINITY_ADMIN_KEY", "TRINITY_INGEST_KEY"]);
  const keys = unwrap(startupKeys({ env: { TRINITY_DEMO_KEY: "the-key-of-the-demo" }, ...noneOf }));
  expect(keys).toMatchObject({ fixed: [{ role: "service", name: "TRINITY_DEMO_KEY" }] });
});

test("a key that is too short stops the start, by the name of its variable and without its value", () => {
  const { error: problems } = startupKeys({ env: { TRINITY_INGEST_KEY: "short" }, ...noneOf }) as Failed<string[]>;
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^TRINITY_INGEST_KEY: /);
  expect(problems[0]).not.toContain("short");
});
