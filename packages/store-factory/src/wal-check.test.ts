import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import Sqlite from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { createWalCheck, walBytes } from "./wal-check.ts";

test("a reader that keeps its snapshot lets the WAL grow: not ready while it grows above the limit, until it has started over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-wal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const check = createWalCheck(folder, 400_000);
  expect(await check()).toEqual({ ok: true });

  const store = openSqliteStore({ dataDir: folder, mode: "readwrite" });
  onTestFinished(() => store.close());
  let events = 0;
  const append = () => store.append(batchOf(Array.from({ length: 50 }, () => newEvent(`e${events++}`))));
  await append();
  const reader = new Sqlite(join(folder, "log.db"), { readonly: true });
  onTestFinished(() => void reader.close());
  reader.exec("BEGIN; SELECT count(*) FROM chunk");
  while ((new Map(await walBytes(folder)).get("log.db") as number) <= 400_000) await append();
  expect(await check()).toMatchObject({ ok: false, reason: expect.stringMatching(/^log\.db-wal has grown to \d+ MiB: end what reads/) });
  await append();
  expect(await check()).toMatchObject({ ok: false });
  // A process that gets no events any more would else never be ready again: its WAL starts over only with the next ones.
  expect(await check()).toEqual({ ok: true });

  reader.exec("COMMIT");
  const writer = new Sqlite(join(folder, "log.db"));
  writer.pragma("wal_checkpoint(TRUNCATE)");
  writer.close();
  await append();
  expect(await check()).toEqual({ ok: true });
});
