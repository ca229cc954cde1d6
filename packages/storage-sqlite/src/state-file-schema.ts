import Sqlite, { type Database } from "better-sqlite3";
import { migrationsFolderOf } from "./database.ts";
import { migrate } from "./migrate.ts";
import { IncompleteStateError } from "./state-damage.ts";

type SchemaRow = { readonly type: string; readonly name: string; readonly table: string; readonly sql: string | null };

let expected: readonly SchemaRow[] | null = null;

/**
 * Compares the schema of a migrated `state.db` with the schema of a new one. SQLite accepts many damaged texts: a letter of a column that
 * changed its case gives rows without this column, and `integrity_check` passes. Objects that no migration made are ignored.
 * @throws {IncompleteStateError} when a table or an index is missing or is declared differently
 */
export function requireStateSchema(database: Database): void {
  expected ??= newSchema();
  const found = new Map(schemaOf(database).map((row) => [row.name, row]));
  for (const { type, name, table, sql } of expected) {
    const row = found.get(name);
    if (row === undefined || row.type !== type || row.table !== table || row.sql !== sql) {
      throw new IncompleteStateError(`the schema of state.db is damaged: ${name}`);
    }
  }
}

function newSchema(): readonly SchemaRow[] {
  const database = new Sqlite(":memory:");
  try {
    migrate(database, migrationsFolderOf("state"));
    return schemaOf(database);
  } finally {
    database.close();
  }
}

function schemaOf(database: Database): readonly SchemaRow[] {
  return database.prepare<[], SchemaRow>("SELECT type AS type, name AS name, tbl_name AS 'table', sql AS sql FROM sqlite_schema").all();
}
