import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedDataError, type EventStore } from "@trinity/storage/event-store";
import { foldAll, foldNextOrRepeat } from "@trinity/storage/fold-log";
import type { StateRow } from "@trinity/storage/state-row";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { verificationCycle } from "@trinity/verification/verification-cycle";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll } from "vitest";
import { decodeCompact, encodeCompact } from "./compact-json.ts";
import { newDataDir, removeDataDir, usingDataDir, usingStore } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { openSqliteShadowState } from "./sqlite-shadow-state.ts";

/** How many chunks the filled store has. */
export const chunks = 4;
export const laterMs = noonMs + 1_000_000;
export const unthrottled = async () => {};

/** Events of the same people and hours, so that a fold of them reads and changes what was folded before. */
export const moreEvents = batchOf(
  Array.from({ length: 8 }, (_, i) => newEvent(`more-${i}`, { timestampMs: noonMs + 2 * 3_600_000 + i * 1_500 })),
);

export type FilledDir = {
  readonly dataDir: string;
  /** The rows of the sound state. */
  readonly rows: readonly StateRow[];
  /** The same after `moreEvents`. */
  readonly rowsWithMore: readonly StateRow[];
};

/** @returns runs a test with a copy of a filled and verified store, closed: everything is in its files, and nothing in a WAL */
export function filledDirs(): (use: (filled: FilledDir) => Promise<void>) => Promise<void> {
  let template: FilledDir;
  beforeAll(async () => {
    const dataDir = newDataDir();
    await usingStore(dataDir, async (store) => {
      await fill(store);
      await verify(dataDir, store);
      template = { dataDir, rows: await rowsOf(store), rowsWithMore: [] };
    });
    await usingCopy(template, async (copy) => {
      await usingStore(copy.dataDir, async (store) => {
        await store.append(moreEvents);
        await foldOn(store);
        template = { ...template, rowsWithMore: await rowsOf(store) };
      });
    });
  });
  afterAll(() => removeDataDir(template.dataDir));
  return (use) => usingCopy(template, use);
}

async function usingCopy(template: FilledDir, use: (filled: FilledDir) => Promise<void>): Promise<void> {
  await usingDataDir(async (dataDir) => {
    cpSync(template.dataDir, dataDir, { recursive: true });
    await use({ ...template, dataDir });
  });
}

/** Folds each chunk at another time, as a running product does. */
async function fill(store: EventStore): Promise<void> {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const events = Array.from({ length: 8 }, (_, i) => newEvent(`${chunk}-${i}`, { timestampMs: noonMs + chunk * 3_600_000 + i * 1_000 }));
    await store.append(batchOf(events));
    await foldAll(store, () => noonMs + chunk * 777);
  }
}

export async function rowsOf(store: EventStore): Promise<readonly StateRow[]> {
  return (await store.scanState(null, 100_000)).rows;
}

/** Uses the store of the process that folds. @param quarantined the causes of all rebuilds so far */
export async function usingOwner(
  dataDir: string,
  use: (owner: EventStore, quarantined: readonly unknown[]) => Promise<void>,
  nowMs: () => number = () => laterMs,
): Promise<void> {
  const quarantined: unknown[] = [];
  const rebuilds = { nowMs, onQuarantined: (cause: unknown) => void quarantined.push(cause) };
  const owner = openSqliteStore({ dataDir, mode: "readwrite", rebuilds });
  await use(owner, quarantined).finally(() => owner.close());
}

/** What the thread that folds does: damage ends nothing. */
export async function foldOn(owner: EventStore): Promise<void> {
  for (let folded = 1, tries = 0; folded > 0 && tries < 100; tries++) {
    folded = await foldNextOrRepeat(owner, laterMs).then(
      ({ chunks }) => chunks,
      (error: unknown) => {
        if (!(error instanceof DamagedDataError)) throw error;
        return 1;
      },
    );
  }
}

export async function verify(dataDir: string, store: EventStore): Promise<void> {
  const shadowState = openSqliteShadowState(dataDir);
  await verificationCycle(store, shadowState, { nowMs: () => laterMs, throttle: unthrottled }).finally(() => shadowState.close());
}

export const statePath = (dataDir: string) => join(dataDir, "state.db");

export function alterState(dataDir: string, sql: string): void {
  const state = new Sqlite(statePath(dataDir));
  state.unsafeMode(true);
  state.exec(sql);
  state.close();
}

/** Changes the stored form of entities. @param where the condition of their rows, in SQL */
export function changeEntities(state: Sqlite.Database, where: string, change: (stored: unknown) => unknown): void {
  const rows = state
    .prepare<[], { kind: string; key: string; value: Uint8Array }>(`SELECT kind, key, value FROM entity WHERE ${where}`)
    .all();
  const put = state.prepare("UPDATE entity SET value = ? WHERE kind = ? AND key = ?");
  for (const { kind, key, value } of rows) put.run(encodeCompact(change(decodeCompact(value))), kind, key);
}

/** Changes the text that declares a table. */
export function alterSchema(dataDir: string, table: string, text: string, replacement: string): void {
  const sql = `UPDATE sqlite_schema SET sql = replace(sql, '${text}', '${replacement}') WHERE name = '${table}'`;
  alterState(dataDir, `PRAGMA writable_schema = ON; ${sql}`);
}

export function flipBits(path: string, bits: readonly number[]): void {
  const bytes = readFileSync(path);
  for (const bit of bits) {
    const at = bit % (bytes.length * 8);
    bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
  }
  writeFileSync(path, bytes);
}
