import { existsSync } from "node:fs";
import type { Lease, LeaseStore } from "@trinity/storage/lease-store";
import type { Database, Statement } from "better-sqlite3";
import { closedOnFailure, databasePath, openDatabase } from "./database.ts";
import { openedFiles } from "./opened-files.ts";
import { openedOnce } from "./opened-once.ts";
import { attemptOn } from "./unavailable.ts";
import { inWriteTransaction } from "./write-transaction.ts";

export type SqliteLeaseStoreSettings = {
  readonly dataDir: string;
  /** `readonly` creates no file: without one, all records are null. */
  readonly mode: "readwrite" | "readonly";
};

/** The leases of one directory, in `operations.db`. Any number of processes of one machine can use it. */
export function openSqliteLeaseStore({ dataDir, mode }: SqliteLeaseStoreSettings): LeaseStore {
  const path = databasePath(dataDir, "operations");
  const place = openedFiles(path);
  const tables = openedOnce(
    () => {
      const database = openDatabase(dataDir, "operations", mode);
      place.noteOpened();
      return closedOnFailure(database, () => new LeaseTables(database));
    },
    ({ database }) => void database.close(),
  );
  const attempt = attemptOn({ file: "operations.db", reopen: () => tables.reopen() });
  const read = <Result>(query: (opened: LeaseTables) => Result) =>
    attempt(() => {
      place.requireInPlace();
      return query(tables.get());
    });
  const write = <Result>(change: (opened: LeaseTables) => Result) =>
    read((opened) => inWriteTransaction(opened.database, () => change(opened)));

  return {
    acquire: (name, holder, forMs, nowMs) =>
      write(({ takeOrExtend }) => {
        const request = { name, holder, expiresAtMs: nowMs + forMs };
        const token = takeOrExtend.get({ ...request, nowMs });
        return token === undefined ? null : { ...request, token };
      }),
    renew: ({ name, holder, token }, forMs, nowMs) =>
      write(({ renew }) => {
        const renewed = { name, holder, token, expiresAtMs: nowMs + forMs };
        return renew.run(renewed).changes === 1 ? renewed : null;
      }),
    release: ({ name, holder, token }) => write(({ release }) => void release.run({ name, holder, token })),
    readRecord: async (name) => {
      if (mode === "readonly" && !existsSync(path) && !place.isOpened()) return null;
      return read(({ record }) => record.get(name) ?? null);
    },
    writeRecord: ({ name: lease, holder, token }, name, value) =>
      write(({ isHeld, putRecord }) => {
        if (isHeld.get({ name: lease, holder, token }) === undefined) return "lost";
        putRecord.run(name, value);
        return "written";
      }),
    close: () => tables.close(),
  };
}

type HeldLease = Omit<Lease, "expiresAtMs">;

/** The statements on `lease` and `record`. */
class LeaseTables {
  readonly database: Database;
  readonly takeOrExtend: Statement<[Omit<Lease, "token"> & { readonly nowMs: number }], number>;
  readonly renew: Statement<[Lease]>;
  readonly release: Statement<[HeldLease]>;
  readonly isHeld: Statement<[HeldLease], number>;
  readonly record: Statement<[name: string], string>;
  readonly putRecord: Statement<[name: string, value: string]>;

  constructor(database: Database) {
    this.database = database;
    const isStill = "WHERE name = @name AND holder = @holder AND token = @token";
    // One's own lease keeps its token: the right-hand sides use the old row.
    this.takeOrExtend = database
      .prepare<[Omit<Lease, "token"> & { readonly nowMs: number }], number>(
        `INSERT INTO lease (name, holder, token, expires_at_ms) VALUES (@name, @holder, 1, @expiresAtMs)
         ON CONFLICT (name) DO UPDATE SET holder = @holder, expires_at_ms = @expiresAtMs, token = lease.token + (lease.holder IS NOT @holder)
         WHERE lease.holder IS NULL OR lease.holder = @holder OR lease.expires_at_ms <= @nowMs
         RETURNING token`,
      )
      .pluck();
    this.renew = database.prepare(`UPDATE lease SET expires_at_ms = @expiresAtMs ${isStill}`);
    this.release = database.prepare(`UPDATE lease SET holder = NULL, expires_at_ms = 0 ${isStill}`);
    this.isHeld = database.prepare<[HeldLease], number>(`SELECT 1 FROM lease ${isStill}`).pluck();
    this.record = database.prepare<[string], string>("SELECT value FROM record WHERE name = ?").pluck();
    this.putRecord = database.prepare(
      "INSERT INTO record (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
  }
}
