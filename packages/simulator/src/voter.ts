import type { Random } from "./random.ts";
import type { Member } from "./room-member.ts";

const breakShare = 0.03;

/** A member at the next title. */
export type Voter = { readonly member: Member; position: number; shownMs: number; voteMs: number };

/** Shows the next title, now and then after a break. */
export function showNextTitle(voter: Voter, readyMs: number, random: Random): void {
  const breakMs = random.chance(breakShare) ? Math.round(random.lognormal(300_000, 1.6)) : 0;
  voter.shownMs = readyMs + breakMs + 150;
  voter.voteMs = voter.shownMs + 300 + Math.round(Math.min(600_000, random.lognormal(4_000, 0.98)));
}

export function newVoter(member: Member, random: Random): Voter {
  const voter = { member, position: 0, shownMs: 0, voteMs: 0 };
  showNextTitle(voter, member.startsVotingMs, random);
  return voter;
}

export function earliestOf(voters: Iterable<Voter>): Voter {
  return [...voters].reduce((first, other) => (other.voteMs < first.voteMs ? other : first));
}
