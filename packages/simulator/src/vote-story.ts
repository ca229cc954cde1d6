import type { EventSource, Properties } from "@trinity/events/event";
import { factId } from "@trinity/events/fact-id";
import type { Vote } from "./member-vote.ts";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { RoomTitle } from "./room-titles.ts";
import type { Story } from "./story.ts";
import type { Turn } from "./turn.ts";

/** Who reports what the vote Lambda answers. */
export const voteLambda: EventSource = { system: "lambda", generation: "G2", component: "trinity-vote-dev" };

function voteProperties(plan: RoomPlan, entry: RoomTitle, vote: Vote, turn: Turn, input: string): Properties {
  const { title, tier } = entry;
  const fact = { contentId: title.contentId, vote, genres: title.genres, mediaType: title.mediaType };
  if (plan.likeOnly) return fact;
  return {
    ...fact,
    recommended: plan.recommended.has(title.contentId),
    position: turn.position,
    dwellMs: turn.voteMs - turn.shownMs,
    input,
    priority: tier,
    releaseYear: title.releaseYear,
  };
}

/** The requests of one swipe; a tap on a button checks for a match once more. */
function tellRequests(story: Story, member: Member, atMs: number, byButton: boolean): void {
  const traceId = story.newTraceId();
  if (byButton) story.request(member.session, atMs - 60, "checkMatchBeforeAction", traceId);
  story.request(member.session, atMs, "checkMatchBeforeAction", traceId);
  const failure = story.request(member.session, atMs + 90, "vote", traceId);
  if (failure !== undefined) story.request(member.session, atMs + 1_100, "vote", traceId);
  story.request(member.session, atMs + 260, "getNextMovieForUser", traceId);
}

export function tellTitle(story: Story, plan: RoomPlan, { member, position, shownMs }: Turn, { title }: RoomTitle): void {
  comeBack(member, shownMs, story, plan.roomId);
  const { contentId, mediaType, genres } = title;
  story.appEvent(member.session, shownMs, "title_shown", { contentId, mediaType, genres, position }, { roomId: plan.roomId });
}

export function tellVote(story: Story, plan: RoomPlan, turn: Turn, entry: RoomTitle, vote: Vote): void {
  const { member, voteMs } = turn;
  const byButton = member.prefersButtons !== story.random.chance(0.05);
  tellRequests(story, member, voteMs, byButton);
  if (plan.likeOnly && vote !== "like") return;
  const properties = voteProperties(plan, entry, vote, turn, byButton ? "button" : "swipe");
  const eventId = factId("vote", plan.roomId, member.person.userId, entry.title.contentId);
  if (!plan.likeOnly) return story.appEvent(member.session, voteMs, "vote_content", properties, { roomId: plan.roomId, eventId });
  const { userId } = member.person;
  const source = { system: "stream", generation: "G3" };
  story.serverFact(voteMs, { eventId, eventType: "vote_content", roomId: plan.roomId, userId, properties, source });
}

/** What the vote Lambda says about one member. */
export function tellVoteFact(
  story: Story,
  plan: RoomPlan,
  { person }: Member,
  atMs: number,
  eventType: string,
  properties: Properties,
): void {
  const { roomId } = plan;
  const eventId = factId(eventType, roomId, person.userId);
  story.serverFact(atMs, { eventId, eventType, roomId, userId: person.userId, properties, source: voteLambda });
}
