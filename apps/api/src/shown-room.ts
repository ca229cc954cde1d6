import { satisfactionFormula } from "@trinity/aggregation/satisfaction";
import type { RoomAnswer } from "@trinity/query/answer-room";
import type { Refusal } from "./refusal.ts";

export const noSuchRoom: Refusal = { slug: "not-found", detail: "There is no room of that pseudonym." };

/** A room with its times as text. */
export function showRoom({ milestones, people, satisfaction, ...room }: RoomAnswer) {
  const { createdMs, startedMs, firstVoteMs, matchedMs, agreedMs, closedMs, endedMs, lastEventMs } = milestones;
  return {
    ...room,
    milestones: {
      created: instantOf(createdMs),
      started: instantOf(startedMs),
      firstVote: instantOf(firstVoteMs),
      matched: instantOf(matchedMs),
      agreed: instantOf(agreedMs),
      closed: instantOf(closedMs),
      ended: instantOf(endedMs),
      lastEvent: instantOf(lastEventMs),
    },
    people: people.map(({ joinedMs, leftMs, fellSilentMs, ...person }) => ({
      ...person,
      joined: instantOf(joinedMs),
      left: instantOf(leftMs),
      fellSilent: instantOf(fellSilentMs),
    })),
    satisfaction: satisfaction === null ? null : { ...satisfaction, formula: satisfactionFormula },
  };
}

function instantOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
