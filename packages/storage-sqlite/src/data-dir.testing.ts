import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "./sqlite-event-store.ts";

/** Runs a test with a new directory and always removes it. */
export async function usingDataDir(test: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = newDataDir();
  try {
    await test(dataDir);
  } finally {
    removeDataDir(dataDir);
  }
}

export async function usingStore(dataDir: string, use: (store: EventStore) => Promise<void>): Promise<void> {
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  await use(store).finally(() => store.close());
}

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), "trinity-sqlite-"));
}

export function removeDataDir(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}
