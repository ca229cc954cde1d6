import { setImmediate as turn } from "node:timers/promises";
import { type JudgedTitles, PositionAccumulator, type RejectionPatterns, rejectionPatterns } from "@trinity/aggregation/rejection-patterns";
import { endOfRoom, type Room } from "@trinity/aggregation/room";
import type { EventStore } from "@trinity/storage/event-store";
import { accumulateIfShort } from "./accumulate-if-short.ts";
import type { QuestionScope } from "./answer-metrics.ts";
import { freshnessFields } from "./freshness.ts";
import { readChildrenOfRoom } from "./read-children-of-room.ts";
import { ScanLimitError } from "./read-contributions.ts";
import { scanEndedRooms } from "./scan-ended-rooms.ts";
import { entitiesMax } from "./scan-rooms.ts";

export type ContentRejections = RejectionPatterns & {
  /** Rooms of the scope that ended without consensus, and in consensus. */
  readonly rooms: { readonly noConsensus: number; readonly consensus: number };
  /** Attributes that were not looked at, because too much of the log would have to be read. */
  readonly leftOut: readonly string[];
  readonly asOf: string;
  readonly revision: number;
};

/**
 * What titles of rooms that ended without consensus have that titles of rooms in consensus have not.
 * @param scope the rooms, by their end
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when there are more than 500,000 rooms, or pairs of a room and a title
 */
export async function answerContentRejections(store: EventStore, scope: QuestionScope, nowMs: number): Promise<ContentRejections> {
  const { rooms: ended, freshness } = await scanEndedRooms(store, scope, nowMs);
  const rooms = [...ended].filter(([, room]) => endOfRoom(room).ending !== "abandoned");
  const titles = await judgedTitles(store, rooms);
  const positions = await accumulateIfShort(
    store,
    new PositionAccumulator(new Set(rooms.map(([roomId]) => roomId)), votingSpan(rooms)),
    nowMs,
  );
  const agreed = rooms.filter(([, room]) => endOfRoom(room).ending === "consensus").length;
  return {
    ...rejectionPatterns(titles, positions === null ? null : (roomId, contentId) => positions.bandOf(roomId, contentId)),
    rooms: { noConsensus: rooms.length - agreed, consensus: agreed },
    leftOut: positions === null ? ["position"] : [],
    ...freshnessFields(freshness),
  };
}

/** Every title voted on in the rooms, as its first vote there described it. */
async function judgedTitles(store: EventStore, rooms: readonly (readonly [string, Room])[]): Promise<readonly JudgedTitles[]> {
  const pairs = rooms.reduce((sum, [, { counts }]) => sum + counts.titlesVoted, 0);
  if (pairs > entitiesMax) throw new ScanLimitError(`more than ${entitiesMax} titles of rooms would have to be read`);
  const judged: JudgedTitles[] = [];
  for (const [roomId, room] of rooms) {
    // Whoever else is waiting is answered between two rooms.
    await turn();
    const known = await readChildrenOfRoom(store, "roomTitle", roomId, room.counts.titlesOffered);
    const voted = [...known].filter(([, { votes }]) => votes > 0);
    const titles = voted.map(([contentId, { dimensions }]) => ({ contentId, dimensions }));
    judged.push({ roomId, rejected: endOfRoom(room).ending === "no_consensus", titles });
  }
  return judged;
}

/** From the first vote of any of the rooms to the last that was heard of one. */
function votingSpan(rooms: readonly (readonly [string, Room])[]): { readonly fromMs: number; readonly toMs: number } {
  return rooms.reduce(
    ({ fromMs, toMs }, [, room]) => ({
      fromMs: Math.min(fromMs, room.firstVoteAtMs ?? Number.POSITIVE_INFINITY),
      toMs: Math.max(toMs, room.lastAtMs + 1),
    }),
    { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY },
  );
}
