import type { Cell } from "@trinity/aggregation/cell";
import { entityKinds } from "@trinity/aggregation/entity-kind";
import type { EventStore } from "../event-store.ts";

/** Everything a store holds, read in small pages: two stores that hold the same give equal contents. */
export async function contentsOf(store: EventStore) {
  return {
    chunks: await store.readChunks(0, 1_000_000),
    mark: await store.readMark(),
    entities: Object.fromEntries(await Promise.all(entityKinds.map(async (kind) => [kind, await allEntities(store, kind)] as const))),
    cells: await allCells(store),
    foldTimes: await store.readFoldTimes(),
  };
}

export async function allEntities(store: EventStore, kind: (typeof entityKinds)[number], limit = 3) {
  const entities: Awaited<ReturnType<EventStore["scanEntities"]>>[number][] = [];
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, limit);
    entities.push(...page);
    if (page.length < limit) return entities;
    afterKey = page.at(-1)?.key ?? "";
  }
}

export async function allCells(store: EventStore, limit = 50): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (;;) {
    const page = await store.scanCells(cells.at(-1) ?? null, limit);
    cells.push(...page);
    if (page.length < limit) return cells;
  }
}
