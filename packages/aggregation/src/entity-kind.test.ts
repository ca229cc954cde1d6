import { expect, test } from "vitest";
import {
  decodeEntity,
  type Entity,
  encodeEntity,
  entityDeclaration,
  entityKinds,
  kindOfStored,
  type PartKind,
  storedKindOf,
} from "./entity-kind.ts";

const first = { atMs: 1, eventId: "e" };

// Rows of stores in production have these names and shapes.
test("kinds are stored under their first names", () => {
  expect(entityKinds.map(storedKindOf)).toEqual(["user", "session", "run", "room", "seat", "title", "ballot", "observation", "stream"]);
  expect(entityKinds.map((kind) => kindOfStored(storedKindOf(kind)))).toEqual(entityKinds);
  expect(kindOfStored("roomMember")).toBeUndefined();
});

test.each([
  ["user", { number: 3, first, circumstances: { platform: "ios", source: "app" }, likes: [["comedy", 2]] }],
  ["session", { startMs: 1, endMs: 2, events: 2, first, circumstances: { source: "app" }, userId: "ana" }],
  ["inferredSession", { startMs: 1, endMs: 2, events: 2, first, circumstances: { source: "app" }, userId: "ana" }],
] as const)("a stored %s names its context `circumstances`", (kind, stored) => {
  const { circumstances, ...rest } = stored;
  const entity = { ...rest, context: circumstances } as unknown as Entity;
  expect(decodeEntity(kind, JSON.parse(JSON.stringify(stored)))).toEqual(entity);
  expect(encodeEntity(kind, entity)).toEqual(stored);
});

test("room members and room titles are parts of rooms, and no other kind has parts", () => {
  const partOf: { readonly [Kind in PartKind]: string } = { roomMember: "room", roomTitle: "room" };
  const declared = entityKinds.map((kind) => [kind, entityDeclaration(kind).partOf]).filter(([, of]) => of !== null);
  expect(Object.fromEntries(declared)).toEqual(partOf);
});

test.each(["room", "roomMember", "title", "roomTitle", "observation", "stream"] as const)("a %s is stored as it is", (kind) => {
  const entity = { any: 1 } as unknown as Entity;
  expect(encodeEntity(kind, entity)).toBe(entity);
  expect(decodeEntity(kind, entity)).toBe(entity);
});

const session = { userId: "ana" } as unknown as Entity;

test.each([
  ["user", "ana", "ana", "ana"],
  ["session", "s1", "s1", "ana"],
  ["inferredSession", "ana/000000000000001", "ana", "ana"],
  ["room", "r1", "r1", null],
  ["roomMember", "r1/ana", "r1", "ana"],
  ["title", "movie:1", "movie:1", null],
  ["roomTitle", "r1/movie:1", "r1", null],
  ["observation", "series/000000001/0000002", "series/000000001", null],
  ["stream", "series/day/000000000000000", "series/day/000000000000000", null],
] as const)("the %s %s is read together with those of %s and is data of %s", (kind, key, cluster, owner) => {
  const declaration = entityDeclaration(kind);
  expect([declaration.clusterOf(key), declaration.ownerOf(key, session)]).toEqual([cluster, owner]);
});
