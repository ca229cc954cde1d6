import type { Random } from "./random.ts";
import type { Member } from "./room-member.ts";

const breakShare = 0.03;

/** A member in front of the title that comes next. */
export type Turn = { readonly member: Member; position: number; shownMs: number; voteMs: number };

/** What the member meets next; now and then there is a break before it. */
export function nextTitle(turn: Turn, readyMs: number, random: Random): void {
  const breakMs = random.chance(breakShare) ? Math.round(random.lognormal(300_000, 1.6)) : 0;
  turn.shownMs = readyMs + breakMs + 150;
  turn.voteMs = turn.shownMs + 300 + Math.round(Math.min(600_000, random.lognormal(4_000, 0.98)));
}

export function firstTurn(member: Member, random: Random): Turn {
  const turn = { member, position: 0, shownMs: 0, voteMs: 0 };
  nextTitle(turn, member.startsVotingMs, random);
  return turn;
}

export function earliestOf(turns: Iterable<Turn>): Turn {
  return [...turns].reduce((first, other) => (other.voteMs < first.voteMs ? other : first));
}
