import { join } from "node:path";
import type { Entity } from "@trinity/aggregation/entity-kind";
import { emptyWatermark } from "@trinity/aggregation/fold";
import { noonMs } from "@trinity/storage/store-examples";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { decodeCompact, encodeCompact } from "./compact-json.ts";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";

const session = { startMs: 1, endMs: 2, events: 2, first: { atMs: 1, eventId: "e" }, userId: "ana" };
const key = "ana/000000000000001";
const range = { userId: "ana", fromMs: 0, toMs: 9 };

// Rows of data folders that are in use have these names. Older releases wrote JSON.
const storedRows = [
  { kind: "run", key, value: encodeCompact({ ...session, circumstances: { source: "app" } }) },
  { kind: "seat", key: "r/ana", value: Buffer.from('{"votes":1}') },
];

test("entities are read and written under the stored names of kinds and properties", () =>
  usingDataDir(async (dataDir) => {
    const write = (statements: (state: Sqlite.Database) => void) => {
      const state = new Sqlite(join(dataDir, "state.db"));
      statements(state);
      state.close();
    };
    await usingStore(dataDir, async (store) => void (await store.readWatermark()));
    write((state) => {
      for (const row of storedRows) state.prepare("INSERT INTO entity (kind, key, value) VALUES (@kind, @key, @value)").run(row);
    });
    await usingStore(dataDir, async (store) => {
      const { inferredSession, roomMember } = await store.readEntities({
        refs: [{ kind: "roomMember", key: "r/ana" }],
        inferredSessions: [range],
      });
      expect([...inferredSession]).toEqual([[key, { ...session, context: { source: "app" } }]]);
      expect([...roomMember]).toEqual([["r/ana", { votes: 1 }]]);
      expect(await store.readParts("roomMember", ["r"])).toEqual([new Map([["ana", { votes: 1 }]])]);
      expect(await store.scanEntities("roomMember", "", 5)).toEqual([{ key: "r/ana", value: { votes: 1 } }]);

      const grown = { ...session, events: 3, context: { source: "app" } } as unknown as Entity;
      const to = { ...emptyWatermark, revision: 1 };
      const entities = [
        { kind: "inferredSession" as const, key, value: grown },
        { kind: "roomMember" as const, key: "r/ana", value: null },
        { kind: "roomMember" as const, key: "r/bea", value: { votes: 2 } },
      ];
      await store.commitFold({ from: emptyWatermark, to, foldedAtMs: noonMs, entities, cells: [], index: [] });
    });
    write((state) => {
      const rows = state.prepare("SELECT kind, key, value FROM entity ORDER BY kind, key").all() as { value: Buffer }[];
      expect(rows.map((row) => ({ ...row, value: decodeCompact(row.value) }))).toEqual([
        { kind: "run", key, value: { ...session, events: 3, circumstances: { source: "app" } } },
        { kind: "seat", key: "r/bea", value: { votes: 2 } },
      ]);
    });
  }));
