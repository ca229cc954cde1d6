import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FoldStep } from "@trinity/aggregation/fold";
import { DamagedStateError, type EventStore } from "@trinity/storage/event-store";
import { aCell } from "@trinity/storage/store-examples";
import Sqlite, { SqliteError } from "better-sqlite3";
import { expect, test } from "vitest";
import { checkStateFile } from "./check-state-file.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import {
  alterSchema,
  alterState,
  changeEntities,
  filledDirs,
  foldOn,
  laterMs,
  moreEvents,
  rowsOf,
  statePath,
  unthrottled,
  usingOwner,
  verify,
} from "./state-damage.testing.ts";
import { certaintyOf, fileIdentity } from "./state-damage.ts";

const dayMs = 86_400_000;
const usingFilledDir = filledDirs();

/** A fault of the program: a number that no column takes. */
async function breakRule(store: EventStore): Promise<void> {
  const from = await store.readWatermark();
  const cells = [aCell({ bucketMs: Number.NaN })];
  const step: FoldStep = { from, to: { ...from, revision: from.revision + 1 }, foldedAtMs: laterMs, entities: [], cells, index: [] };
  await store.commitFold(step);
}

function report(dataDir: string): void {
  writeFileSync(join(dataDir, "state.db.report"), `suspected ${fileIdentity(statePath(dataDir))}`);
}

/** Codes of SQLite, without the prefix. */
const codes = {
  suspected: "CORRUPT CORRUPT_INDEX NOTADB FORMAT",
  "broken-rule": "CONSTRAINT_NOTNULL CONSTRAINT_FOREIGNKEY CONSTRAINT_DATATYPE MISMATCH TOOBIG ERROR",
  outage: "FULL BUSY BUSY_SNAPSHOT LOCKED READONLY READONLY_DBMOVED IOERR_READ IOERR_CORRUPTFS CANTOPEN PROTOCOL NOMEM PERM INTERRUPT",
};

test("a statement that fails says that the state is damaged; an outage, and an error that is not SQLite's, do not", () => {
  for (const [certainty, ofIt] of Object.entries(codes)) {
    const found = ofIt.split(" ").map((code) => certaintyOf(new SqliteError("failed", `SQLITE_${code}`)));
    expect(new Set(found)).toEqual(new Set([certainty === "outage" ? null : certainty]));
  }
  expect([new Error("failed"), new TypeError("failed"), null].map(certaintyOf)).toEqual([null, null, null]);
});

test("a statement that breaks a rule rebuilds the state once a day, so that a fault of the program does not rebuild it for ever", () =>
  usingFilledDir(async ({ dataDir, rows }) => {
    let nowMs = laterMs;
    await usingOwner(
      dataDir,
      async (owner, quarantined) => {
        for (const day of [1, 2]) {
          await expect(breakRule(owner)).rejects.toThrow("state.db is damaged; the ingest process rebuilds it from the log");
          await foldOn(owner);
          nowMs += dayMs - 1;
          for (let again = 0; again < 3; again++) {
            const error = await breakRule(owner).catch((thrown: unknown) => thrown);
            expect(error).toBeInstanceOf(DamagedStateError);
            expect((error as DamagedStateError).reason).toContain(
              "a statement fails on state.db (SQLITE_CONSTRAINT_NOTNULL), which was rebuilt less than a day ago",
            );
          }
          expect(await rowsOf(owner)).toEqual(rows);
          expect(quarantined).toHaveLength(day);
          nowMs += 1;
        }
      },
      () => nowMs,
    );
  }));

test("a rule that is broken in another process rebuilds the state, and within a day of that holds up no fold", () =>
  usingFilledDir(async ({ dataDir, rowsWithMore }) => {
    const worker = openSqliteStore({ dataDir, mode: "readwrite" });
    await usingOwner(dataDir, async (owner, quarantined) => {
      await expect(breakRule(worker)).rejects.toBeInstanceOf(DamagedStateError);
      await foldOn(owner);
      expect(quarantined).toHaveLength(1);
      await expect(breakRule(worker)).rejects.toBeInstanceOf(DamagedStateError);
      await expect(owner.readWatermark()).rejects.toThrow("a statement fails on state.db (in another process)");
      await owner.append(moreEvents);
      await foldOn(owner);
      expect([quarantined.length, await rowsOf(owner)]).toEqual([1, rowsWithMore]);
    }).finally(() => worker.close());
  }));

test("a report about a file that passes its check changes nothing the first time, and rebuilds the state when it returns", () =>
  usingFilledDir(async ({ dataDir, rows }) => {
    await usingOwner(dataDir, async (owner, quarantined) => {
      report(dataDir);
      expect(await rowsOf(owner)).toEqual(rows);
      expect(quarantined).toEqual([]);
      report(dataDir);
      await foldOn(owner);
      expect([quarantined.length, await rowsOf(owner)]).toEqual([1, rows]);
    });
  }));

test("an entity that lacks a number is repaired by verification: nothing is counted until then, and nothing rebuilt", () =>
  usingFilledDir(async ({ dataDir, rows, rowsWithMore }) => {
    const state = new Sqlite(statePath(dataDir));
    changeEntities(state, "kind = 'run'", (stored) => {
      const { startMs, ...rest } = stored as { readonly startMs: number };
      return { ...rest, startMw: startMs };
    });
    state.close();
    await usingOwner(dataDir, async (owner, quarantined) => {
      await owner.append(moreEvents);
      await foldOn(owner);
      expect((await owner.readWatermark()).seq).toBe(4);
      await verify(dataDir, owner);
      expect(await rowsOf(owner)).toEqual(rows);
      await foldOn(owner);
      expect([await rowsOf(owner), quarantined]).toEqual([rowsWithMore, []]);
    });
  }));

test("of damaged rows of the audit and of fold times, a rebuild takes only what a new table takes", () =>
  usingFilledDir(async ({ dataDir, rows }) => {
    for (const table of ["repair", "fold_time"]) {
      alterSchema(dataDir, table, "NOT NULL", "");
      alterSchema(dataDir, table, ") STRICT", ")");
    }
    alterState(
      dataDir,
      `INSERT INTO repair (at_ms, part, stored) VALUES (NULL, '{}', NULL), ('at', '{}', NULL), (1.5, '{}', NULL), (1, x'7b7d', NULL), (2, '{}', x'00'), (3, '{}', '{}');
       UPDATE fold_time SET folded_at_ms = CASE to_seq WHEN 1 THEN 1.5 WHEN 2 THEN '7' WHEN 3 THEN x'07' ELSE NULL END`,
    );
    await usingOwner(dataDir, async (owner, quarantined) => {
      await foldOn(owner);
      expect([quarantined.length, await rowsOf(owner)]).toEqual([1, rows]);
      expect((await owner.readVerification()).repairs).toBe(1);
    });
  }));

test("a damaged list of free pages is noticed by the check, before anything is written to one of them", () =>
  usingFilledDir(async ({ dataDir, rows }) => {
    alterState(dataDir, "CREATE TABLE gone (value); INSERT INTO gone VALUES (zeroblob(20000)); DROP TABLE gone");
    const bytes = readFileSync(statePath(dataDir));
    const freeList = (bytes.readUInt32BE(32) - 1) * bytes.readUInt16BE(16);
    expect(bytes.readUInt32BE(freeList + 4)).toBeGreaterThan(0);
    bytes.writeUInt32BE(1, freeList + 8);
    writeFileSync(statePath(dataDir), bytes);
    await usingOwner(dataDir, async (owner, quarantined) => {
      await foldOn(owner);
      expect(quarantined).toEqual([]);
      await expect(checkStateFile(dataDir, unthrottled)).rejects.toBeInstanceOf(DamagedStateError);
      await foldOn(owner);
      expect([quarantined.length, await rowsOf(owner)]).toEqual([1, rows]);
    });
  }));
