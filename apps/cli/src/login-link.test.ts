import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyCredential } from "@trinity/auth/credential";
import { parseStoreConfig } from "@trinity/config/store-config";
import { unwrap } from "@trinity/runtime/result";
import { storesOf } from "@trinity/store-factory/stores";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLoginLink } from "./login-link.ts";

const main = join(import.meta.dirname, "main.ts");
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "trinity-login-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const storesHere = () => storesOf(unwrap(parseStoreConfig({ TRINITY_DATA_DIR: dataDir })));

async function keptRecords() {
  const keys = (await storesHere()).openKeyStore();
  return keys.list().finally(() => keys.close());
}

test("the link has its token in the fragment, and the store keeps only the hash", async () => {
  const link = await createLoginLink(await storesHere(), { apiUrl: "http://127.0.0.1:4000", clock: { nowMs: () => 1_000 }, randomBytes });
  const [address, token = ""] = link.split("#");
  expect(address).toBe("http://127.0.0.1:4000/login");
  const records = await keptRecords();
  expect(records).toMatchObject([{ role: "login:admin", expiresAtMs: 901_000 }]);
  expect(JSON.stringify(records)).not.toContain(token.slice(-32));
  expect(verifyCredential("login", token, records[0], 900_999)).toMatchObject({ role: "admin" });
});

test("unused links are removed once they have expired", async () => {
  const make = async (nowMs: number) => createLoginLink(await storesHere(), { apiUrl: "", clock: { nowMs: () => nowMs }, randomBytes });
  for (const nowMs of [0, 1, 900_000]) await make(nowMs);
  expect((await keptRecords()).map(({ createdAtMs }) => createdAtMs).sort((a, b) => a - b)).toEqual([1, 900_000]);
});

test("the command prints a link for the address of the API, and refuses a folder without data", async () => {
  const store = (await storesHere()).openEventStore("readwrite");
  await store.append({ receivedAtMs: 0, events: [], rejections: [] });
  await store.close();
  const args = [main, "login", "--url", "https://analytics.example/"];
  const env = { PATH: process.env["PATH"], TRINITY_DATA_DIR: dataDir };
  expect(execFileSync(process.execPath, args, { env, encoding: "utf8" })).toMatch(/^https:\/\/analytics\.example\/login#tk_\w+\n$/);
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...env, TRINITY_DATA_DIR: `${dataDir}-none` }, encoding: "utf8" });
  expect([status, stderr]).toEqual([2, expect.stringContaining("there is no data in")]);
}, 60_000);
