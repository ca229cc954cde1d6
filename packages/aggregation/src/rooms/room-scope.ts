import type { DimensionName } from "../dimension.ts";
import { dimensionsOfRoom, type Room } from "../entities/room.ts";
import { type Filter, passes } from "../metric-query.ts";

/** Dimensions of rooms, from their creation. */
export const roomDimensions = ["roomSize", "mediaType", "genre"] as const satisfies readonly DimensionName[];
export type RoomDimension = (typeof roomDimensions)[number];

/** Which rooms a question is about: those of which an instant (the creation, the start or the end, as the question says) lies in `[fromMs, toMs)`. */
export type RoomScope = {
  readonly fromMs: number;
  readonly toMs: number;
  /** On dimensions of rooms only. */
  readonly filters: readonly Filter[];
};

/** @param atMs the instant of the room that the question goes by; `null` where the room has none, and is not in it */
export function isInScope(room: Room, atMs: number | null, { fromMs, toMs, filters }: RoomScope): boolean {
  return atMs !== null && atMs >= fromMs && atMs < toMs && passes(filters, dimensionsOfRoom(room));
}
