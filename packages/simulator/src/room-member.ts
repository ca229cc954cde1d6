import { type AppSession, sessionGapMs, startSession } from "./app-session.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { Scenario } from "./scenario.ts";

const hourMs = 3_600_000;
/** The title list is kept for a week: after that no member can vote. */
const roomLifeMs = 7 * 24 * hourMs;

/** One seat that is taken, and how its owner goes about voting. */
export type Member = {
  readonly person: Person;
  readonly isHost: boolean;
  readonly joinMs: number;
  readonly startsVotingMs: number;
  /** Gives up after this many votes; `Infinity` for who goes through with it. */
  readonly quitsAfter: number;
  readonly leavesOnQuitting: boolean;
  readonly prefersButtons: boolean;
  session: AppSession;
  lastSeenMs: number;
};

/** Guests take their seat with this probability; about a quarter of all rooms never fill. */
const joinShare = 0.85;
const dropOutShare = 0.15;
/** Who waits in a room that does not fill gives up sooner. */
const dropOutShareUnfilled = 0.85;

/** When the guests who come take their seats, ascending. */
export function drawJoinTimes(plan: RoomPlan, createdMs: number, random: Random): readonly number[] {
  const times: number[] = [];
  for (let guest = 1; guest < plan.seats; guest++) {
    if (!random.chance(joinShare)) continue;
    const delayMs = random.chance(0.08) ? random.lognormal(3 * hourMs, 1) : random.lognormal(90_000, 0.9);
    times.push(createdMs + Math.round(Math.min(12_000 + delayMs, roomLifeMs / 2)));
  }
  return times.sort((one, other) => one - other);
}

/** @param roomFills whether all seats will be taken in the end */
export function seatMember(
  person: Person,
  session: AppSession,
  joinMs: number,
  isHost: boolean,
  roomFills: boolean,
  random: Random,
): Member {
  const waitsLong = random.chance(isHost ? 0.05 : 0.15);
  const waitMs = waitsLong ? random.lognormal(4 * hourMs, 1) : random.lognormal(20_000, 0.8);
  const quits = random.chance(roomFills ? dropOutShare : dropOutShareUnfilled);
  return {
    person,
    isHost,
    joinMs,
    startsVotingMs: joinMs + 6_000 + Math.round(Math.min(waitMs, roomLifeMs / 4)),
    quitsAfter: quits ? 1 + random.below(roomFills ? 40 : 15) : Number.POSITIVE_INFINITY,
    leavesOnQuitting: random.chance(0.4),
    prefersButtons: random.chance(0.3),
    session,
    lastSeenMs: joinMs,
  };
}

/** The member's app at that time: the same session, or a new start of the app after half an hour away. */
export function comeBack(member: Member, atMs: number, scenario: Scenario, roomId: string): AppSession {
  if (atMs - member.lastSeenMs >= sessionGapMs) {
    member.session = startSession(member.person, atMs - 4_000, scenario.random);
    scenario.appEvent(member.session, atMs - 4_000, "screen_view", { screen: "home" });
    scenario.appEvent(member.session, atMs - 1_500, "screen_view", { screen: "room" }, { roomId });
    scenario.request(member.session, atMs - 1_400, "getRoom");
  }
  member.lastSeenMs = Math.max(member.lastSeenMs, atMs);
  return member.session;
}
