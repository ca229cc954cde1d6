import type { EventSource, Properties } from "@trinity/events/event";
import { factId } from "@trinity/events/fact-id";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { VotingOutcome } from "./room-voting.ts";
import type { Story } from "./story.ts";
import { voteLambda } from "./vote-story.ts";

const roomStream: EventSource = { system: "stream", generation: "G2" };
const derived: EventSource = { system: "derived" };

/** Facts about the whole room: nobody's action, so they name nobody. */
function tellRoomFact(story: Story, plan: RoomPlan, atMs: number, eventType: string, properties: Properties, source: EventSource): void {
  const eventId = factId(eventType === "match_found" ? "match" : eventType, plan.roomId);
  story.serverFact(atMs, { eventId, eventType, roomId: plan.roomId, properties, source });
}

export function tellStart(
  story: Story,
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
  tellRoomFact(story, plan, startMs, "room_started", properties, voteLambda);
}

/** Members learn of the match minutes later, when they next look. */
function tellViews(story: Story, plan: RoomPlan, members: readonly Member[], match: NonNullable<VotingOutcome["match"]>): void {
  const about = { roomId: plan.roomId };
  const { contentId } = match;
  for (const member of members) {
    if (!story.random.chance(0.85)) continue;
    const sinceMatchMs = 2_000 + Math.round(story.random.lognormal(150_000, 1.1));
    const viewMs = Math.max(match.atMs + sinceMatchMs, member.lastSeenMs + 1_000);
    const session = comeBack(member, viewMs, story, plan.roomId);
    story.appEvent(session, viewMs, "screen_view", { screen: "room_matches", previousScreen: "room" }, about);
    const seen = { contentId, mediaType: plan.mediaType, sinceMatchMs: viewMs - match.atMs, entry: "celebration" };
    story.appEvent(session, viewMs + 300, "view_match", seen, about);
    if (!story.random.chance(0.3)) continue;
    story.request(session, viewMs + 8_000, "getMovieDetails");
    story.appEvent(session, viewMs + 8_200, "media_viewed", { contentId, mediaType: plan.mediaType, origin: "match" }, about);
  }
}

/** What the room service and the tables say at the end, and who looks at it. A room that just goes quiet says nothing. */
export function tellEnding(story: Story, plan: RoomPlan, members: readonly Member[], createdMs: number, outcome: VotingOutcome): void {
  const { match, exhaustedMs } = outcome;
  if (match !== undefined) {
    const { atMs, contentId } = match;
    const title = { contentId, mediaType: plan.mediaType };
    const found = { ...title, capacity: plan.seats, members: members.length, timeToMatchMs: atMs - createdMs };
    tellRoomFact(story, plan, atMs, "match_found", found, roomStream);
    tellRoomFact(story, plan, atMs, "consensus_achieved", { ...title, consensusType: "unanimous", participants: plan.seats }, derived);
    tellRoomFact(story, plan, atMs + 500, "room_completed", { outcome: "matched", durationMs: atMs + 500 - createdMs }, derived);
    tellViews(story, plan, members, match);
  }
  if (exhaustedMs !== undefined) {
    tellRoomFact(story, plan, exhaustedMs, "no_consensus", { members: members.length }, voteLambda);
    const completed = { outcome: "no_consensus", durationMs: exhaustedMs + 500 - createdMs };
    tellRoomFact(story, plan, exhaustedMs + 500, "room_completed", completed, derived);
  }
}
