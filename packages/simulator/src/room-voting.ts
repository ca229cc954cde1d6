import { drawVote } from "./member-vote.ts";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import { titlesPerRoom } from "./room-titles.ts";
import type { Story } from "./story.ts";
import { earliestOf, firstTurn, nextTitle, type Turn } from "./turn.ts";
import { tellTitle, tellVote, tellVoteFact } from "./vote-story.ts";

export type VotingOutcome = {
  readonly firstVoteMs: number | undefined;
  readonly match: { readonly contentId: string; readonly atMs: number } | undefined;
  /** When the last member answered the last title, where all seats are taken and nobody left any out. */
  readonly exhaustedMs: number | undefined;
};

/** Of members who are in front of a title when the room matches: those who vote all the same. */
const lateVoteShare = 0.08;

/** Whoever still has a title on screen when the room has matched; some answer it and are told that it no longer counts. */
function tellLateVotes(story: Story, plan: RoomPlan, turns: readonly Turn[], matchMs: number): void {
  for (const turn of turns) {
    const { member, position, shownMs, voteMs } = turn;
    const entry = plan.titles[position];
    if (shownMs >= matchMs || voteMs <= matchMs || position >= member.quitsAfter || entry === undefined) continue;
    tellTitle(story, plan, turn, entry);
    if (!story.random.chance(lateVoteShare)) continue;
    story.request(member.session, voteMs, "vote");
    tellVoteFact(story, plan, member, voteMs + 100, "vote_rejected", { reason: "already_matched", contentId: entry.title.contentId });
    member.lastSeenMs = voteMs;
  }
}

/**
 * Everybody walks the same list at their own pace, in the order of time; the first title with as many likes as seats ends it.
 * @param members all who ever join; each votes from `startsVotingMs` on
 */
export function tellVoting(story: Story, plan: RoomPlan, members: readonly Member[]): VotingOutcome {
  const likes = new Map<string, number>();
  const turns = new Set(members.map((member) => firstTurn(member, story.random)));
  let finished = 0;
  let firstVoteMs: number | undefined;
  let lastMs = 0;
  while (turns.size > 0) {
    const turn = earliestOf(turns);
    const { member, position, voteMs } = turn;
    const entry = plan.titles[position];
    if (entry === undefined || position >= member.quitsAfter) {
      turns.delete(turn);
      if (position === titlesPerRoom) finished += 1;
      tellLastTurn(story, plan, turn);
      continue;
    }
    const { contentId } = entry.title;
    tellTitle(story, plan, turn, entry);
    const vote = drawVote(member, plan, position, story.random);
    tellVote(story, plan, turn, entry, vote);
    member.lastSeenMs = voteMs;
    firstVoteMs ??= voteMs;
    lastMs = voteMs;
    likes.set(contentId, (likes.get(contentId) ?? 0) + (vote === "like" ? 1 : 0));
    if (likes.get(contentId) === plan.seats) {
      turns.delete(turn);
      tellLateVotes(story, plan, [...turns], voteMs);
      return { firstVoteMs, match: { contentId, atMs: voteMs }, exhaustedMs: undefined };
    }
    turn.position += 1;
    nextTitle(turn, voteMs + 300, story.random);
  }
  return { firstVoteMs, match: undefined, exhaustedMs: finished === plan.seats ? lastMs : undefined };
}

/** A member has either answered every title or had enough. */
function tellLastTurn(story: Story, plan: RoomPlan, { member, position, shownMs }: Turn): void {
  if (position === titlesPerRoom) tellVoteFact(story, plan, member, member.lastSeenMs + 100, "member_finished", { votesCast: position });
  if (position < member.quitsAfter || !member.leavesOnQuitting) return;
  comeBack(member, shownMs, story, plan.roomId);
  story.appEvent(member.session, shownMs, "leave_room", { method: "manual", votesCast: position }, { roomId: plan.roomId });
}
