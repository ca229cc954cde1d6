import { existsSync } from "node:fs";
import type { Lease, LeaseStore } from "@trinity/storage/lease-store";
import { and, eq, sql } from "drizzle-orm";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { databasePath, openDatabase } from "./database.ts";
import { openedFiles } from "./opened-files.ts";
import { openedOnce } from "./opened-once.ts";
import { lease as leases, record as records } from "./operations-schema.ts";
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
  const file = openedOnce(
    () => {
      const database = openDatabase(dataDir, "operations", mode);
      place.noteOpened();
      return database;
    },
    (database) => void database.close(),
  );
  const tables = openedOnce(
    () => drizzle({ client: file.get() }),
    () => {},
  );
  const attempt = attemptOn({
    file: "operations.db",
    reopen: () => {
      for (const opened of [tables, file]) opened.reopen();
    },
  });
  const inPlace = <Result>(work: () => Result) =>
    attempt(() => {
      place.requireInPlace();
      return work();
    });
  const read = <Result>(query: (database: BetterSQLite3Database) => Result) => inPlace(() => query(tables.get()));
  const write = <Result>(change: (database: BetterSQLite3Database) => Result) =>
    inPlace(() => inWriteTransaction(file.get(), () => change(tables.get())));

  return {
    acquire: (name, holder, forMs, nowMs) =>
      write((database) => takeOrExtend(database, { name, holder, expiresAtMs: nowMs + forMs }, nowMs)),
    renew: ({ name, holder, token }, forMs, nowMs) =>
      write((database) => {
        const renewed = { name, holder, token, expiresAtMs: nowMs + forMs };
        const { changes } = database.update(leases).set({ expiresAtMs: renewed.expiresAtMs }).where(isStill(renewed)).run();
        return changes === 1 ? renewed : null;
      }),
    release: (lease) => write((database) => void database.update(leases).set({ holder: null, expiresAtMs: 0 }).where(isStill(lease)).run()),
    readRecord: async (name) => {
      if (mode === "readonly" && !existsSync(path) && !place.isOpened()) return null;
      return read((database) => database.select().from(records).where(eq(records.name, name)).get()?.value ?? null);
    },
    writeRecord: (lease, name, value) =>
      write((database) => {
        if (database.select().from(leases).where(isStill(lease)).get() === undefined) return "lost";
        database.insert(records).values({ name, value }).onConflictDoUpdate({ target: records.name, set: { value } }).run();
        return "written";
      }),
    close: async () => {
      await tables.close();
      await file.close();
    },
  };
}

const isStill = ({ name, holder, token }: Lease) => and(eq(leases.name, name), eq(leases.holder, holder), eq(leases.token, token));

function takeOrExtend(database: BetterSQLite3Database, request: Omit<Lease, "token">, nowMs: number): Lease | null {
  const { holder, expiresAtMs } = request;
  const taken = database
    .insert(leases)
    .values({ ...request, token: 1 })
    .onConflictDoUpdate({
      target: leases.name,
      // One's own lease keeps its token: the right-hand sides use the old row.
      set: { holder, expiresAtMs, token: sql`${leases.token} + (${leases.holder} IS NOT ${holder})` },
      setWhere: sql`${leases.holder} IS NULL OR ${leases.holder} = ${holder} OR ${leases.expiresAtMs} <= ${nowMs}`,
    })
    .returning({ token: leases.token })
    .get();
  return taken === undefined ? null : { ...request, token: taken.token };
}
