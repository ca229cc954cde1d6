import type { Entity } from "@trinity/aggregation/entity-kind";
import { describe, expect, test } from "vitest";
import { packed, unpacked } from "../client/packed.ts";
import { entityPageRef, entityPages, entityPartition } from "./entity-page.ts";
import { decodeDelta, encodeDelta, pageChangesOf, repairRecordsOf } from "./state-delta.ts";

const session = { startMs: 1, endMs: 2, events: 2, first: { atMs: 1, eventId: "e" }, userId: "ana" };
const inferredSession = { ...session, context: { source: "app" } } as unknown as Entity;
const member = { votes: 1 } as unknown as Entity;

// Pages and deltas in existing tables have these names.
const storedSession = ["run", "ana/000000000000001", { ...session, circumstances: { source: "app" } }];
const storedMember = ["seat", "r/ana", { votes: 1 }];

test("a page keeps the stored names of kinds and properties", () => {
  const stored = packed([[storedSession, storedMember], [["user", "ana", [1, 2]]]]);
  const page = entityPages.decode(stored);
  expect([...page.entities.values()]).toEqual([
    { kind: "inferredSession", key: "ana/000000000000001", value: inferredSession },
    { kind: "roomMember", key: "r/ana", value: member },
  ]);
  expect([...page.seqsOfUser]).toEqual([["ana", [1, 2]]]);
  expect(unpacked(entityPages.encode(page))).toEqual(unpacked(stored));
});

test("pages have the partitions of the stored names: parts of a room are in its page", () => {
  expect(entityPartition("inferredSession", 3)).toBe("run#3");
  expect(entityPageRef({ kind: "roomMember", key: "r/ana" }, 1)).toMatchObject({ table: "rooms", pk: "room#0", sk: "=r" });
  expect(entityPageRef({ kind: "roomTitle", key: "r/movie:1" }, 1)).toMatchObject({ table: "rooms", pk: "room#0", sk: "=r" });
  expect(entityPageRef({ kind: "inferredSession", key: "ana/000000000000001" }, 1)).toMatchObject({
    table: "users",
    pk: "run#0",
    sk: "=ana",
  });
});

test("a delta keeps the stored names of kinds and properties", () => {
  const [kind, key, value] = storedSession;
  const entities = [
    { kind, key, value },
    { kind: "seat", key: "r/ana", value: null },
  ];
  const stored = {
    kind: "fold",
    to: { seq: 1, revision: 1, users: 1, minutesFromMs: 0 },
    foldTime: null,
    entities,
    cells: [],
    index: [],
    emptied: [],
  };
  const delta = decodeDelta(packed(stored));
  expect(delta).toMatchObject({
    entities: [
      { kind: "inferredSession", key, value: inferredSession },
      { kind: "roomMember", key: "r/ana", value: null },
    ],
  });
  expect(unpacked(encodeDelta(delta))).toEqual(stored);
});

describe("index rows of sessions and rooms, which older releases wrote,", () => {
  const to = { seq: 2, revision: 2, users: 1, minutesFromMs: 0 };

  test("are not read from a page, and are gone when it is next written", () => {
    const page = entityPages.decode(packed([[storedMember], [["room", "r", [1, 2]]]]));
    expect(page.seqsOfUser.size).toBe(0);
    expect(unpacked(entityPages.encode(page))).toEqual([[storedMember], []]);
    expect(entityPages.isEmpty(entityPages.decode(packed([[], [["session", "s", [1]]]])))).toBe(true);
  });

  test("are not read from a fold", () => {
    const index = ["user", "session", "room"].map((kind) => ({ kind, key: "k", seq: 2 }));
    const delta = decodeDelta(packed({ kind: "fold", to, foldTime: null, entities: [], cells: [], index, emptied: [] }));
    expect(delta).toMatchObject({ index: [{ kind: "user", key: "k", seq: 2 }] });
  });

  test("are not repaired by a repair, which stays in the audit", () => {
    const key = { table: "index", kind: "room", key: "r", seq: 1 };
    const delta = decodeDelta(packed({ kind: "repair", to, atMs: 9, repairs: [{ key, stored: null, derived: "", shards: [] }] }));
    expect(pageChangesOf(delta, 1)).toEqual([]);
    expect(repairRecordsOf(delta)).toEqual([{ key, stored: null, derived: "", atMs: 9 }]);
  });
});
