import { AmountSum } from "../amount-sum.ts";
import { satisfactionOf } from "../calculations/satisfaction.ts";
import { contributionsOfRoom, type Room } from "../entities/room.ts";
import { quantileOf } from "../histogram.ts";
import { roomEndComponent } from "../measures/room-measures.ts";
import type { MetricValue } from "../metric-value.ts";

/**
 * The satisfaction score of a single room that has ended, worked out as that of many is.
 * @param usualMs the median time to consensus of rooms of its size; where it is `null` the room is the only one, and its own time is usual
 */
export function satisfactionOfRoom(room: Room, usualMs: number | null): MetricValue {
  const ends = contributionsOfRoom(room).filter(({ measure }) => measure === "room_end");
  const sum = AmountSum.of(ends.flatMap(({ amounts }) => amounts));
  return satisfactionOf([{ size: "", sum }], new Map([["", usualMs ?? quantileOf(sum, roomEndComponent.timeBin0, 0.5)]]));
}
