import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { inWriteTransaction, requireWritable } from "./write-transaction.ts";

function openTable() {
  const database = new Sqlite(":memory:");
  database.exec("CREATE TABLE t (n INTEGER)");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  const rows = () => database.prepare("SELECT n FROM t").pluck().all();
  return { database, insert, rows };
}

test("all of the work is committed, or nothing, and its result is returned", () => {
  const { database, insert, rows } = openTable();
  expect(inWriteTransaction(database, () => insert.run(1).changes)).toBe(1);
  const fail = () => {
    insert.run(2);
    throw new Error("half way");
  };
  expect(() => inWriteTransaction(database, fail)).toThrow("half way");
  expect([rows(), database.inTransaction]).toEqual([[1], false]);
});

test("a transaction that was left open is rolled back first, and the new work is committed", () => {
  const { database, insert, rows } = openTable();
  database.exec("BEGIN");
  insert.run(1);
  inWriteTransaction(database, () => insert.run(2));
  expect([rows(), database.inTransaction]).toEqual([[2], false]);
});

test("the work has the write lock from its beginning", () => {
  const { database } = openTable();
  const begun: string[] = [];
  const watched = new Proxy(database, {
    get: (target, name) => {
      if (name !== "transaction") return Reflect.get(target, name, target);
      return (work: () => unknown) => ({ immediate: () => (begun.push("immediate"), target.transaction(work).immediate()) });
    },
  });
  inWriteTransaction(watched, () => undefined);
  expect(begun).toEqual(["immediate"]);
});

test("a store that was opened read-only refuses a write transaction before any work", () => {
  const readonly = new Sqlite(Buffer.from(openTable().database.serialize()), { readonly: true });
  expect(() => requireWritable(readonly)).toThrow("this store was opened readonly");
  let begun = false;
  expect(() => inWriteTransaction(readonly, () => (begun = true))).toThrow("this store was opened readonly");
  expect(begun).toBe(false);
});
