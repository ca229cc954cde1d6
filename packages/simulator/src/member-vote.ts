import { tasteFor } from "./people.ts";
import type { Random } from "./random.ts";
import type { Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";

const baseLike = 0.32;
const recommendedFactor = 1.25;

export type Vote = "like" | "dislike" | "skip";

/** Taste, quality and the mood of the group, each a factor on the base rate; no member likes everything or nothing. */
function likeProbability(member: Member, plan: RoomPlan, position: number): number {
  const entry = plan.titles[position];
  if (entry === undefined) return 0;
  const { title } = entry;
  const factor = plan.recommended.has(title.contentId) ? recommendedFactor : 1;
  const probability = baseLike * tasteFor(member.person, title) * title.quality * (plan.mood[position] ?? 1) * factor;
  return Math.min(0.9, Math.max(0.03, probability));
}

/** @param position of the title in the room's list */
export function drawVote(member: Member, plan: RoomPlan, position: number, random: Random): Vote {
  if (random.chance(likeProbability(member, plan, position))) return "like";
  return random.chance(0.05) ? "skip" : "dislike";
}
