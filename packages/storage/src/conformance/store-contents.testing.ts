import type { Cell } from "@trinity/aggregation/cell";
import { type EntityKind, entityDeclaration, entityKinds, type PartKind } from "@trinity/aggregation/entity-kind";
import type { EventStore } from "../event-store.ts";
import { type StateRow, vectorOfContent } from "../state-row.ts";

const partKinds = entityKinds.filter((kind): kind is PartKind => entityDeclaration(kind).partOf !== null);

/** All contents of a store, read in pages, small ones by default. Two stores with the same data give equal contents. */
export async function contentsOf(store: EventStore, entitiesAPage = 3, rowsAPage = 50) {
  const entities = await byKind(entityKinds, (kind) => allEntities(store, kind, entitiesAPage));
  const rooms = entities.room.map(({ key }) => key);
  return {
    chunks: await store.readChunks(0, 1_000_000),
    watermark: await store.readWatermark(),
    entities,
    parts: await byKind(partKinds, async (kind) => (await store.readParts(kind, rooms)).map((parts) => [...parts])),
    rows: await allRows(store, rowsAPage),
    foldTimes: await store.readFoldTimes(),
    verification: await store.readVerification(),
  };
}

async function byKind<Kind extends EntityKind, Read>(
  kinds: readonly Kind[],
  read: (kind: Kind) => Promise<Read>,
): Promise<Record<Kind, Read>> {
  const pairs = await Promise.all(kinds.map(async (kind) => [kind, await read(kind)] as const));
  return Object.fromEntries(pairs) as Record<Kind, Read>;
}

export async function allEntities(store: EventStore, kind: EntityKind, limit = 3) {
  const entities: Awaited<ReturnType<EventStore["scanEntities"]>>[number][] = [];
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, limit);
    entities.push(...page);
    if (page.length < limit) return entities;
    afterKey = page.at(-1)?.key ?? "";
  }
}

export async function allCells(store: EventStore): Promise<readonly Cell[]> {
  return (await allRows(store)).flatMap(({ key, content }) => {
    if (key.table !== "cell") return [];
    const { set, tier, bucketMs, value } = key;
    return [{ set, tier, bucketMs, value, vector: vectorOfContent(content) }];
  });
}

export async function allRows(store: EventStore, limit = 50): Promise<readonly StateRow[]> {
  const all: StateRow[] = [];
  for (;;) {
    const { rows } = await store.scanState(all.at(-1)?.key ?? null, limit);
    all.push(...rows);
    if (rows.length < limit) return all;
  }
}
