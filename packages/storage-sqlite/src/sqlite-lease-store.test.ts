import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { leaseStoreConformance } from "@trinity/storage/lease-store.conformance";
import { expect, test } from "vitest";
import { newDataDir, removeDataDir, usingDataDir } from "./data-dir.testing.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";
import { openSqliteLeaseStore } from "./sqlite-lease-store.ts";

leaseStoreConformance(
  "the lease store on SQLite",
  async () => {
    const dataDir = newDataDir();
    const opened: LeaseStore[] = [];
    const open = () => {
      const store = openSqliteLeaseStore({ dataDir, mode: "readwrite" });
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
  },
  sqliteFaults,
);

test("a store that only reads makes no file, and reads what another process wrote", () =>
  usingDataDir(async (dataDir) => {
    const reader = openSqliteLeaseStore({ dataDir, mode: "readonly" });
    expect(await reader.readRecord("a")).toBeNull();
    expect(existsSync(join(dataDir, "operations.db"))).toBe(false);
    const writer = openSqliteLeaseStore({ dataDir, mode: "readwrite" });
    const lease = await writer.acquire("a", "me", 1_000, 0);
    if (lease === null) throw new TypeError("nobody else is there");
    await writer.writeRecord(lease, "a", "written");
    expect(await reader.readRecord("a")).toBe("written");
    renameSync(join(dataDir, "operations.db"), join(dataDir, "away.db"));
    await expect(reader.readRecord("a")).rejects.toBeInstanceOf(DamagedDataError);
    renameSync(join(dataDir, "away.db"), join(dataDir, "operations.db"));
    await Promise.all([reader.close(), writer.close()]);
  }));
