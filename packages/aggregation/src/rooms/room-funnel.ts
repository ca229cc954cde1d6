import { endOfRoom, type Room } from "../entities/room.ts";
import { type Proportion, proportionOf } from "../proportion.ts";
import { isInScope, type RoomScope } from "./room-scope.ts";

/** The steps of a room's life, in order. */
export const roomSteps = ["created", "second_member", "seats_filled", "first_vote", "match"] as const;
export type RoomStep = (typeof roomSteps)[number];

export type RoomFunnelStep = {
  readonly step: RoomStep;
  /** Rooms that took this step and every one before it. */
  readonly rooms: number;
  /** Rooms that took this step, whatever became of those before it. */
  readonly roomsInAnyOrder: number;
  readonly ofCreated: Proportion;
  /** `null` at the first step. */
  readonly ofStepBefore: Proportion | null;
};

/** Whether a room took each step. A room of unknown capacity never fills. */
export function stepsOf(room: Room): Readonly<Record<RoomStep, boolean>> {
  const { members } = room.counts;
  return {
    created: room.created !== null,
    second_member: members >= 2,
    seats_filled: room.seats !== null && members >= room.seats,
    first_vote: room.firstVoteAtMs !== null,
    match: endOfRoom(room).ending === "consensus",
  };
}

/** @returns how many steps a room took before the first one that it did not take */
export function stepsReached(room: Room): number {
  const steps = stepsOf(room);
  const missing = roomSteps.findIndex((step) => !steps[step]);
  return missing === -1 ? roomSteps.length : missing;
}

/** How far the rooms got that were created in the scope. */
export class RoomFunnelAccumulator {
  readonly #scope: RoomScope;
  readonly #inOrder = roomSteps.map(() => 0);
  readonly #inAnyOrder = roomSteps.map(() => 0);
  #seatsUnknown = 0;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  add(room: Room): void {
    if (!isInScope(room, room.created?.atMs ?? null, this.#scope)) return;
    if (room.seats === null) this.#seatsUnknown += 1;
    const reached = stepsReached(room);
    const taken = stepsOf(room);
    for (const [i, step] of roomSteps.entries()) {
      if (i < reached) this.#inOrder[i] = (this.#inOrder[i] as number) + 1;
      if (taken[step]) this.#inAnyOrder[i] = (this.#inAnyOrder[i] as number) + 1;
    }
  }

  /** Rooms of unknown capacity: they get no further than their second member. */
  get seatsUnknown(): number {
    return this.#seatsUnknown;
  }

  steps(): readonly RoomFunnelStep[] {
    return roomSteps.map((step, i) => {
      const rooms = this.#inOrder[i] as number;
      return {
        step,
        rooms,
        roomsInAnyOrder: this.#inAnyOrder[i] as number,
        ofCreated: proportionOf(rooms, this.#inOrder[0] as number),
        ofStepBefore: i === 0 ? null : proportionOf(rooms, this.#inOrder[i - 1] as number),
      };
    });
  }
}
