/** Puts Amazon's DynamoDB Local into the cache folder: `node packages/dynamodb-local/src/install-emulator.testing.ts`. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The npm package that carries it. Not a dependency: 56 MB that only tests of one adapter need. */
const emulator = {
  name: "amplify-dynamodb-simulator",
  version: "2.9.30",
  integrity: "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
};
const fetchWithinMs = 300_000;

/** Where it is, or is to be. */
export function emulatorFolder({ XDG_CACHE_HOME }: { readonly XDG_CACHE_HOME?: string | undefined }): string {
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "trinity-peers", `dynamodb-local-${emulator.version}`);
}

export function isEmulatorIn(folder: string): boolean {
  return existsSync(join(folder, "DynamoDBLocal.jar"));
}

export type EmulatorSource = {
  /** Puts the package's archive into a folder. @returns its name there */
  readonly fetchInto: (folder: string) => Promise<string>;
  /** Of the archive, as npm writes it. */
  readonly integrity: string;
};

/**
 * Fetches DynamoDB Local unless it is there. Any number of processes may do so at once: the folder appears in one step, whole.
 * @throws {Error} when it cannot be fetched, or is not what was expected
 */
export async function installEmulator(folder: string, { fetchInto, integrity }: EmulatorSource = fromNpm): Promise<void> {
  if (isEmulatorIn(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    const archive = join(work, await fetchInto(work));
    const found = `sha512-${createHash("sha512")
      .update(await readFile(archive))
      .digest("base64")}`;
    if (found !== integrity) throw new Error(`DynamoDB Local is not what was expected: ${found}`);
    await mkdir(join(work, "emulator"));
    await run("tar", ["-xzf", archive, "-C", join(work, "emulator"), "--strip-components=2", "package/emulator"]);
    await rename(join(work, "emulator"), folder).catch((error: unknown) => {
      if (!isEmulatorIn(folder)) throw error; // else another process was faster
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const fromNpm: EmulatorSource = {
  integrity: emulator.integrity,
  async fetchInto(folder) {
    const args = ["pack", "--silent", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", `${emulator.name}@${emulator.version}`];
    const { stdout } = await run("npm", args, { cwd: folder, timeout: fetchWithinMs }).catch(() => {
      throw new Error(`npm could not fetch ${emulator.name}@${emulator.version}`);
    });
    return stdout.trim();
  },
};

if (import.meta.main) {
  const folder = emulatorFolder(process.env);
  if (!isEmulatorIn(folder)) {
    console.log("peers: installing DynamoDB Local");
    await installEmulator(folder);
  }
}
