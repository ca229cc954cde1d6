import type { EntityOf } from "@trinity/aggregation/entity-kind";
import type { EventStore } from "@trinity/storage/event-store";

/**
 * @param expected how many there are, about: what is read beyond the last of a room is not wanted
 * @returns the seats of a room by user, or its ballots by title, in order of key
 */
export async function readChildrenOfRoom<Kind extends "roomMember" | "roomTitle">(
  store: Pick<EventStore, "scanEntities">,
  kind: Kind,
  roomId: string,
  expected: number,
): Promise<ReadonlyMap<string, EntityOf[Kind]>> {
  const limit = expected + 1;
  const prefix = `${roomId}/`;
  const parts = new Map<string, EntityOf[Kind]>();
  for (let afterKey = prefix; ; ) {
    const page = await store.scanEntities(kind, afterKey, limit);
    for (const { key, value } of page) {
      if (!key.startsWith(prefix)) return parts;
      parts.set(key.slice(prefix.length), value as EntityOf[Kind]);
      afterKey = key;
    }
    if (page.length < limit) return parts;
  }
}
