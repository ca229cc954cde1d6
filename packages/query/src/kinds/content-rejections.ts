import { setImmediate as nextTurn } from "node:timers/promises";
import type { PartMap } from "@trinity/aggregation/entity-kind";
import { type JudgedTitles, PositionAccumulator, type RejectionPatterns, rejectionPatterns } from "@trinity/aggregation/rejection-patterns";
import { endOfRoom, type Room } from "@trinity/aggregation/room";
import { ok } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { readPositions } from "../reads/room-events.ts";
import { entitiesMax, scanEndedRooms } from "../reads/scan-ended-rooms.ts";
import { ScanLimitError } from "../reads/scan-limit.ts";
import type { PatternsQuestion } from "./room-abandonment.ts";

export type ContentRejections = RejectionPatterns & {
  /** Rooms of the scope that ended without consensus, and in consensus. */
  readonly rooms: { readonly noConsensus: number; readonly consensus: number };
  /** Attributes that were not looked at, because too much of the log would have to be read. */
  readonly leftOut: readonly string[];
};

/** Few enough that other requests are answered between two batches. */
const roomsAtOnce = 200;

type Facts = {
  readonly rooms: { readonly noConsensus: number; readonly consensus: number };
  readonly titles: readonly JudgedTitles[];
  /** The band of the position of a title in a room. */
  readonly positions: ((roomId: string, contentId: string) => string) | null;
};

/** What titles of rooms that ended without consensus have more often than titles of rooms in consensus. The scope chooses rooms by their end. */
export const contentRejections: QuestionKind<PatternsQuestion, PatternsQuestion, Facts, ContentRejections> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  plan: ok,

  async read({ scope }, reader) {
    const ended = await scanEndedRooms(reader, scope);
    const rooms = [...ended].filter(([, room]) => endOfRoom(room).ending !== "abandoned");
    const titles = await judgedTitles(reader.store, rooms);
    const roomIds = new Set(rooms.map(([roomId]) => roomId));
    const positions = await readPositions(new PositionAccumulator(roomIds, votingRange(rooms)), reader);
    const consensus = rooms.filter(([, room]) => endOfRoom(room).ending === "consensus").length;
    return { facts: { rooms: { noConsensus: rooms.length - consensus, consensus }, titles, positions }, source: "log" };
  },

  compute({ limit }, { rooms, titles, positions }) {
    const found = rejectionPatterns(titles, positions);
    const { patterns, ...counts } = found;
    return ok({ ...counts, rooms, leftOut: positions === null ? ["position"] : [], patterns: patterns.slice(0, limit) });
  },

  overflowCheck: ({ scope }) => ({
    scope,
    counts: [{ metric: "rooms_ended" }, { metric: "positive_rate", by: ["genre"] }],
    by: [],
    checkedRange: scope,
  }),
};

/**
 * Every title voted on in the rooms, as its first vote there described it.
 * @throws {ScanLimitError} when there are more than 500,000 pairs of a room and a title
 */
async function judgedTitles(store: EventStore, rooms: readonly (readonly [string, Room])[]): Promise<readonly JudgedTitles[]> {
  const pairs = rooms.reduce((sum, [, { counts }]) => sum + counts.titlesVoted, 0);
  if (pairs > entitiesMax) throw new ScanLimitError(`more than ${entitiesMax} titles of rooms would have to be read`);
  const judged: JudgedTitles[] = [];
  for (let from = 0; from < rooms.length; from += roomsAtOnce) {
    await nextTurn();
    const batch = rooms.slice(from, from + roomsAtOnce);
    const roomIds = batch.map(([roomId]) => roomId);
    const titles = await store.readParts("roomTitle", roomIds);
    judged.push(...batch.map((room, i) => judgedTitlesOf(room, titles[i] ?? new Map())));
  }
  return judged;
}

function judgedTitlesOf([roomId, room]: readonly [string, Room], roomTitles: PartMap<"roomTitle">): JudgedTitles {
  const voted = [...roomTitles].filter(([, { votes }]) => votes > 0);
  const titles = voted.map(([contentId, { dimensions }]) => ({ contentId, dimensions }));
  return { roomId, rejected: endOfRoom(room).ending === "no_consensus", titles };
}

/** From the first vote of any of the rooms to the last event of one. */
function votingRange(rooms: readonly (readonly [string, Room])[]): { readonly fromMs: number; readonly toMs: number } {
  return rooms.reduce(
    ({ fromMs, toMs }, [, room]) => ({
      fromMs: Math.min(fromMs, room.firstVoteAtMs ?? Number.POSITIVE_INFINITY),
      toMs: Math.max(toMs, room.lastAtMs + 1),
    }),
    { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY },
  );
}
