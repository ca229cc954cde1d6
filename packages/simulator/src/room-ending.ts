import type { EventSource, Properties } from "@trinity/events/event";
import { factId } from "@trinity/events/fact-id";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { VotingOutcome } from "./room-voting.ts";
import type { Scenario } from "./scenario.ts";
import { voteLambda } from "./vote-scenario.ts";

const roomStream: EventSource = { system: "stream", generation: "G2" };
const derived: EventSource = { system: "derived" };

/** Facts about a room are no person's action, so they name no user. */
function emitRoomFact(
  scenario: Scenario,
  plan: RoomPlan,
  atMs: number,
  eventType: string,
  properties: Properties,
  source: EventSource,
): void {
  const eventId = factId(eventType === "match_found" ? "match" : eventType, plan.roomId);
  scenario.serverFact(atMs, { eventId, eventType, roomId: plan.roomId, properties, source });
}

export function emitStart(
  scenario: Scenario,
  plan: RoomPlan,
  members: readonly Member[],
  createdMs: number,
  firstVoteMs: number | undefined,
): void {
  const lastJoinMs = Math.max(...members.map((member) => member.joinMs));
  const fullMs = members.length === plan.seats ? lastJoinMs : Number.POSITIVE_INFINITY;
  const startMs = Math.min(fullMs, firstVoteMs ?? Number.POSITIVE_INFINITY);
  if (startMs === Number.POSITIVE_INFINITY) return;
  const properties = {
    trigger: startMs === fullMs ? "seats_full" : "first_vote",
    membersAtStart: members.filter((member) => member.joinMs <= startMs).length,
    sinceCreatedMs: startMs - createdMs,
  };
  emitRoomFact(scenario, plan, startMs, "room_started", properties, voteLambda);
}

/** Members learn of the match minutes later, when they next look. */
function emitViews(scenario: Scenario, plan: RoomPlan, members: readonly Member[], match: NonNullable<VotingOutcome["match"]>): void {
  const about = { roomId: plan.roomId };
  const { contentId } = match;
  for (const member of members) {
    if (!scenario.random.chance(0.85)) continue;
    const sinceMatchMs = 2_000 + Math.round(scenario.random.lognormal(150_000, 1.1));
    const viewMs = Math.max(match.atMs + sinceMatchMs, member.lastSeenMs + 1_000);
    const session = comeBack(member, viewMs, scenario, plan.roomId);
    scenario.appEvent(session, viewMs, "screen_view", { screen: "room_matches", previousScreen: "room" }, about);
    const seen = { contentId, mediaType: plan.mediaType, sinceMatchMs: viewMs - match.atMs, entry: "celebration" };
    scenario.appEvent(session, viewMs + 300, "view_match", seen, about);
    if (!scenario.random.chance(0.3)) continue;
    scenario.request(session, viewMs + 8_000, "getMovieDetails");
    scenario.appEvent(session, viewMs + 8_200, "media_viewed", { contentId, mediaType: plan.mediaType, origin: "match" }, about);
  }
}

/** What the room service and the tables say at the end, and who looks at it. A room that just goes quiet says nothing. */
export function emitEnding(
  scenario: Scenario,
  plan: RoomPlan,
  members: readonly Member[],
  createdMs: number,
  outcome: VotingOutcome,
): void {
  const { match, exhaustedMs } = outcome;
  if (match !== undefined) {
    const { atMs, contentId } = match;
    const title = { contentId, mediaType: plan.mediaType };
    const found = { ...title, capacity: plan.seats, members: members.length, timeToMatchMs: atMs - createdMs };
    emitRoomFact(scenario, plan, atMs, "match_found", found, roomStream);
    emitRoomFact(scenario, plan, atMs, "consensus_achieved", { ...title, consensusType: "unanimous", participants: plan.seats }, derived);
    emitRoomFact(scenario, plan, atMs + 500, "room_completed", { outcome: "matched", durationMs: atMs + 500 - createdMs }, derived);
    emitViews(scenario, plan, members, match);
  }
  if (exhaustedMs !== undefined) {
    emitRoomFact(scenario, plan, exhaustedMs, "no_consensus", { members: members.length }, voteLambda);
    const completed = { outcome: "no_consensus", durationMs: exhaustedMs + 500 - createdMs };
    emitRoomFact(scenario, plan, exhaustedMs + 500, "room_completed", completed, derived);
  }
}
