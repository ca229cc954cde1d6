import { contributionsOfRoom, type Room } from "../entities/room.ts";
import { quantileOf } from "../histogram.ts";
import { roomEndComponent } from "../measures/room-measures.ts";
import { satisfactionOf } from "../readings/satisfaction.ts";
import type { Reported } from "../reported.ts";
import { addAmounts, type Vector } from "../vector.ts";

/**
 * The satisfaction score of a single room that has ended, worked out as that of many is.
 * @param usualMs the median time to consensus of rooms of its size; where it is `null` the room is the only one, and its own time is usual
 */
export function satisfactionOfRoom(room: Room, usualMs: number | null): Reported {
  const vector: Vector = new Map();
  for (const { measure, amounts } of contributionsOfRoom(room)) if (measure === "room_end") addAmounts(vector, amounts, 1);
  return satisfactionOf([{ size: "", vector }], new Map([["", usualMs ?? quantileOf(vector, roomEndComponent.timeBin0, 0.5)]]));
}
