import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { endOfRoom, type Room } from "@trinity/aggregation/room";
import { portraitOf, type RoomChildren, type RoomPortrait } from "@trinity/aggregation/room-portrait";
import { satisfactionOfRoom } from "@trinity/aggregation/room-satisfaction";
import { satisfactionFormula } from "@trinity/aggregation/satisfaction";
import { failed, ok, unwrap } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { metricAnswers, metricQueries, planMetrics, readMetrics } from "../reads/read-metrics.ts";
import type { Reader } from "../reads/reader.ts";

export type RoomQuestion = { readonly roomId: string };

/** One room: what happened when, who was in it, and what became of its titles. Times are text; null where nothing happened. */
export type RoomData = Omit<RoomPortrait, "milestones" | "people"> & {
  readonly roomId: string;
  readonly milestones: Readonly<Record<string, string | null>>;
  readonly people: readonly Readonly<Record<string, string | number | boolean | null>>[];
  /** Null while the room is open. */
  readonly satisfaction: (MetricValue & { readonly usualMs: number | null; readonly formula: string }) | null;
};

type Facts = RoomChildren & {
  readonly room: Room;
  /** The median time to consensus of comparable rooms. */
  readonly usualMs: number | null;
};

/** How far back rooms of the same size are compared. */
const usualDays = 30;

export const room: QuestionKind<RoomQuestion, RoomQuestion, Facts | null, RoomData> = {
  permission: "events:read",
  overflowCheck: null,
  plan: ok,

  async read({ roomId }, reader) {
    const { room: rooms } = await reader.store.readEntities({ refs: [{ kind: "room", key: roomId }], inferredSessions: [] });
    const found = rooms.get(roomId);
    if (found === undefined) return { facts: null, source: "entities" };
    const children = await readChildren(roomId, reader);
    const usualMs = await readUsualMs(found, reader);
    if (usualMs === "outdated") return usualMs;
    return { facts: { room: found, ...children, usualMs }, source: "entities" };
  },

  compute({ roomId }, facts, { asOfMs }) {
    if (facts === null) return failed({ kind: "not-found", message: "There is no room of that pseudonym." });
    const { milestones, people, ...portrait } = portraitOf(facts.room, facts, asOfMs);
    const { usualMs } = facts;
    const satisfaction =
      portrait.state === "open" ? null : { ...satisfactionOfRoom(facts.room, usualMs), usualMs, formula: satisfactionFormula };
    return ok({ roomId, ...portrait, milestones: shownMilestones(milestones), people: people.map(showPerson), satisfaction });
  },
};

async function readChildren(roomId: string, { store }: Reader): Promise<RoomChildren> {
  const [members] = await store.readParts("roomMember", [roomId]);
  const [titles] = await store.readParts("roomTitle", [roomId]);
  return { members: members ?? new Map(), titles: titles ?? new Map() };
}

/** @returns the median time to consensus of rooms of the same size that ended in the 30 days up to the end of this one */
async function readUsualMs(of: Room, reader: Reader): Promise<number | null | "outdated"> {
  const plans = unwrap(planMetrics([usualTimeOf(of)], reader.moment));
  const read = await readMetrics(plans, reader);
  if (read === "outdated") return read;
  const [answer] = metricAnswers(plans, read.facts);
  return totalOf(answer as MetricAnswer).value;
}

function usualTimeOf(of: Room): MetricQuery {
  const size = of.seats === null ? "unknown" : String(of.seats);
  // Up to the end of the hour in which it ended: then it is among them, and rollups cover the range.
  const toMs = Math.floor(endOfRoom(of).atMs / tierMs.hour + 1) * tierMs.hour;
  const scope = {
    fromMs: toMs - usualDays * tierMs.day,
    toMs,
    timeZone: "UTC",
    filters: [{ dimension: "roomSize", values: [size], negated: false }],
  } as const;
  return metricQueries(scope, [{ metric: "time_to_consensus", statistic: "p50" }])[0] as MetricQuery;
}

function shownMilestones(milestones: RoomPortrait["milestones"]): RoomData["milestones"] {
  const { createdMs, startedMs, firstVoteMs, matchedMs, agreedMs, closedMs, endedMs, lastEventMs } = milestones;
  return {
    created: instantOf(createdMs),
    started: instantOf(startedMs),
    firstVote: instantOf(firstVoteMs),
    matched: instantOf(matchedMs),
    agreed: instantOf(agreedMs),
    closed: instantOf(closedMs),
    ended: instantOf(endedMs),
    lastEvent: instantOf(lastEventMs),
  };
}

function showPerson({ joinedMs, leftMs, fellSilentMs, ...person }: RoomPortrait["people"][number]): RoomData["people"][number] {
  return { ...person, joined: instantOf(joinedMs), left: instantOf(leftMs), fellSilent: instantOf(fellSilentMs) };
}

function instantOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
