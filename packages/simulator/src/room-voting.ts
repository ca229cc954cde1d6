import { drawVote } from "./member-vote.ts";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import { titlesPerRoom } from "./room-titles.ts";
import type { Scenario } from "./scenario.ts";
import { emitTitle, emitVote, emitVoteFact } from "./vote-scenario.ts";
import { earliestOf, newVoter, showNextTitle, type Voter } from "./voter.ts";

export type VotingOutcome = {
  readonly firstVoteMs: number | undefined;
  readonly match: { readonly contentId: string; readonly atMs: number } | undefined;
  /** When the last member answered the last title, if all seats are taken and every member answered all titles. */
  readonly exhaustedMs: number | undefined;
};

/** Of members who are in front of a title when the room matches: those who vote all the same. */
const lateVoteShare = 0.08;

/** Members who still see a title when the room matches; some vote on it, and the vote is rejected. */
function emitLateVotes(scenario: Scenario, plan: RoomPlan, voters: readonly Voter[], matchMs: number): void {
  for (const voter of voters) {
    const { member, position, shownMs, voteMs } = voter;
    const entry = plan.titles[position];
    if (shownMs >= matchMs || voteMs <= matchMs || position >= member.quitsAfter || entry === undefined) continue;
    emitTitle(scenario, plan, voter, entry);
    if (!scenario.random.chance(lateVoteShare)) continue;
    scenario.request(member.session, voteMs, "vote");
    emitVoteFact(scenario, plan, member, voteMs + 100, "vote_rejected", { reason: "already_matched", contentId: entry.title.contentId });
    member.lastSeenMs = voteMs;
  }
}

/**
 * Members walk the same list at their own speed, in the order of time; the first title with as many likes as seats ends it.
 * @param members all who ever join; each votes from `startsVotingMs` on
 */
export function emitVoting(scenario: Scenario, plan: RoomPlan, members: readonly Member[]): VotingOutcome {
  const likes = new Map<string, number>();
  const voters = new Set(members.map((member) => newVoter(member, scenario.random)));
  let finished = 0;
  let firstVoteMs: number | undefined;
  let lastMs = 0;
  while (voters.size > 0) {
    const voter = earliestOf(voters);
    const { member, position, voteMs } = voter;
    const entry = plan.titles[position];
    if (entry === undefined || position >= member.quitsAfter) {
      voters.delete(voter);
      if (position === titlesPerRoom) finished += 1;
      emitLastTitle(scenario, plan, voter);
      continue;
    }
    const { contentId } = entry.title;
    emitTitle(scenario, plan, voter, entry);
    const vote = drawVote(member, plan, position, scenario.random);
    emitVote(scenario, plan, voter, entry, vote);
    member.lastSeenMs = voteMs;
    firstVoteMs ??= voteMs;
    lastMs = voteMs;
    likes.set(contentId, (likes.get(contentId) ?? 0) + (vote === "like" ? 1 : 0));
    if (likes.get(contentId) === plan.seats) {
      voters.delete(voter);
      emitLateVotes(scenario, plan, [...voters], voteMs);
      return { firstVoteMs, match: { contentId, atMs: voteMs }, exhaustedMs: undefined };
    }
    voter.position += 1;
    showNextTitle(voter, voteMs + 300, scenario.random);
  }
  return { firstVoteMs, match: undefined, exhaustedMs: finished === plan.seats ? lastMs : undefined };
}

/** A member has either answered every title or had enough. */
function emitLastTitle(scenario: Scenario, plan: RoomPlan, { member, position, shownMs }: Voter): void {
  if (position === titlesPerRoom) emitVoteFact(scenario, plan, member, member.lastSeenMs + 100, "member_finished", { votesCast: position });
  if (position < member.quitsAfter || !member.leavesOnQuitting) return;
  comeBack(member, shownMs, scenario, plan.roomId);
  scenario.appEvent(member.session, shownMs, "leave_room", { method: "manual", votesCast: position }, { roomId: plan.roomId });
}
