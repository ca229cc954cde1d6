import { tierMs } from "@trinity/aggregation/bucket";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { endOfRoom, type Room } from "@trinity/aggregation/room";
import { portraitOf, type RoomPortrait } from "@trinity/aggregation/room-portrait";
import { satisfactionOfRoom } from "@trinity/aggregation/room-satisfaction";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics } from "./answer-metrics.ts";
import { freshnessFields, readFreshness } from "./freshness.ts";
import { readChildrenOfRoom } from "./read-children-of-room.ts";

/** How far back rooms of the same size are looked at, to tell what is usual. */
const usualDays = 30;

export type RoomAnswer = RoomPortrait & {
  readonly roomId: string;
  /** `null` while it is open. */
  readonly satisfaction: (MetricValue & { readonly usualMs: number | null }) | null;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * One room.
 * @param nowMs the present, read before the call
 * @returns `null` for a room that nothing is known of
 */
export async function answerRoom(store: EventStore, roomId: string, nowMs: number): Promise<RoomAnswer | null> {
  const freshness = await readFreshness(store, nowMs);
  const { room: rooms } = await store.readEntities({ refs: [{ kind: "room", key: roomId }], inferredSessions: [] });
  const room = rooms.get(roomId);
  if (room === undefined) return null;
  const members = await readChildrenOfRoom(store, "roomMember", roomId, room.counts.members);
  const titles = await readChildrenOfRoom(store, "roomTitle", roomId, room.counts.titlesOffered);
  const portrait = portraitOf(room, { members, titles }, freshness.asOfMs);
  const satisfaction = portrait.state === "open" ? null : await satisfactionAmong(store, room, nowMs);
  return { roomId, ...portrait, satisfaction, ...freshnessFields(freshness) };
}

/** Held against the median time to consensus of rooms of the same size that ended in the 30 days up to its own end. */
async function satisfactionAmong(store: EventStore, room: Room, nowMs: number): Promise<RoomAnswer["satisfaction"]> {
  const endMs = endOfRoom(room).atMs;
  const size = room.seats === null ? "unknown" : String(room.seats);
  // Up to the end of the hour in which it ended, so that it is among them and the rollups cover the range.
  const toMs = Math.floor(endMs / tierMs.hour + 1) * tierMs.hour;
  const scope = {
    fromMs: toMs - usualDays * tierMs.day,
    toMs,
    timeZone: "UTC",
    filters: [{ dimension: "roomSize", values: [size], negated: false }],
  } as const;
  const usual = await answerMetrics(store, scope, { time: { metric: "time_to_consensus", statistic: "p50" } }, nowMs);
  if ("message" in usual) throw new TypeError(`${usual.path} ${usual.message}`);
  const usualMs = usual.answers.time.totals[0]?.value ?? null;
  return { ...satisfactionOfRoom(room, usualMs), usualMs };
}
