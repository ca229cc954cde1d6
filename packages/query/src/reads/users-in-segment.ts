import type { EventStore } from "@trinity/storage/event-store";
import { readCells } from "./read-cells.ts";
import { overflowRangeOf, rangesOfSegment, type SegmentAsOf, type SegmentUsers, UserCells } from "./user-cells.ts";

/** Reads the users of a segment, for an answer that reads no other cells. */
export async function usersInSegment(store: Pick<EventStore, "readRollups">, asOf: SegmentAsOf): Promise<SegmentUsers> {
  const { usersOf } = await readCells(store, [], rangesOfSegment(asOf));
  return new UserCells(usersOf).inSegment(asOf);
}

/** @returns the attributes in which some user has the overflow value */
export async function overflowedAttributes<Attribute extends string>(
  store: Pick<EventStore, "readRollups">,
  attributes: readonly Attribute[],
): Promise<readonly Attribute[]> {
  if (attributes.length === 0) return [];
  const { users } = await store.readRollups([], attributes.map(overflowRangeOf));
  return attributes.filter((_, i) => (users[i] ?? []).some((cell) => !cell.users.isEmpty));
}
