import type { EventSource, Properties } from "@trinity/events/event";
import { factId } from "@trinity/events/fact-id";
import type { Vote } from "./member-vote.ts";
import { comeBack, type Member } from "./room-member.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { RoomTitle } from "./room-titles.ts";
import type { Scenario } from "./scenario.ts";
import type { Voter } from "./voter.ts";

/** Who reports what the vote Lambda answers. */
export const voteLambda: EventSource = { system: "lambda", generation: "G2", component: "trinity-vote-dev" };

function voteProperties(plan: RoomPlan, entry: RoomTitle, vote: Vote, voter: Voter, input: string): Properties {
  const { title, tier } = entry;
  const fact = { contentId: title.contentId, vote, genres: title.genres, mediaType: title.mediaType };
  if (plan.likeOnly) return fact;
  return {
    ...fact,
    recommended: plan.recommended.has(title.contentId),
    position: voter.position,
    dwellMs: voter.voteMs - voter.shownMs,
    input,
    priority: tier,
    releaseYear: title.releaseYear,
  };
}

/** The requests of one swipe; a tap on a button checks for a match once more. */
function emitRequests(scenario: Scenario, member: Member, atMs: number, byButton: boolean): void {
  const traceId = scenario.newTraceId();
  if (byButton) scenario.request(member.session, atMs - 60, "checkMatchBeforeAction", traceId);
  scenario.request(member.session, atMs, "checkMatchBeforeAction", traceId);
  const failure = scenario.request(member.session, atMs + 90, "vote", traceId);
  if (failure !== undefined) scenario.request(member.session, atMs + 1_100, "vote", traceId);
  scenario.request(member.session, atMs + 260, "getNextMovieForUser", traceId);
}

export function emitTitle(scenario: Scenario, plan: RoomPlan, { member, position, shownMs }: Voter, { title }: RoomTitle): void {
  comeBack(member, shownMs, scenario, plan.roomId);
  const { contentId, mediaType, genres } = title;
  scenario.appEvent(member.session, shownMs, "title_shown", { contentId, mediaType, genres, position }, { roomId: plan.roomId });
}

export function emitVote(scenario: Scenario, plan: RoomPlan, voter: Voter, entry: RoomTitle, vote: Vote): void {
  const { member, voteMs } = voter;
  const byButton = member.prefersButtons !== scenario.random.chance(0.05);
  emitRequests(scenario, member, voteMs, byButton);
  if (plan.likeOnly && vote !== "like") return;
  const properties = voteProperties(plan, entry, vote, voter, byButton ? "button" : "swipe");
  const eventId = factId("vote", plan.roomId, member.person.userId, entry.title.contentId);
  if (!plan.likeOnly) return scenario.appEvent(member.session, voteMs, "vote_content", properties, { roomId: plan.roomId, eventId });
  const { userId } = member.person;
  const source = { system: "stream", generation: "G3" };
  scenario.serverFact(voteMs, { eventId, eventType: "vote_content", roomId: plan.roomId, userId, properties, source });
}

/** What the vote Lambda says about one member. */
export function emitVoteFact(
  scenario: Scenario,
  plan: RoomPlan,
  { person }: Member,
  atMs: number,
  eventType: string,
  properties: Properties,
): void {
  const { roomId } = plan;
  const eventId = factId(eventType, roomId, person.userId);
  scenario.serverFact(atMs, { eventId, eventType, roomId, userId: person.userId, properties, source: voteLambda });
}
