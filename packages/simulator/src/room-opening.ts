import type { EventSource } from "@trinity/events/event";
import { factId } from "@trinity/events/fact-id";
import { type AppSession, startSession } from "./app-session.ts";
import type { Person } from "./people.ts";
import type { Random, Weighted } from "./random.ts";
import type { RoomPlan } from "./room-plan.ts";
import { titlesPerRoom } from "./room-titles.ts";
import type { Scenario } from "./scenario.ts";

const aiAcceptedShare = 0.68;
const assistantLambda: EventSource = { system: "lambda", generation: "G2", component: "trinity-ai-dev" };
const channels: Weighted<string> = [
  ["whatsapp", 70],
  ["copy", 14],
  ["sheet", 10],
  ["sms", 3],
  ["email", 3],
];

function aiAnswer(plan: RoomPlan, session: AppSession, random: Random) {
  const verified = random.chance(0.8);
  return {
    textLength: 8 + random.below(120),
    language: session.person.locale.slice(0, 2),
    roomGenreCount: plan.genres.length,
    model: "Qwen/Qwen2.5-1.5B-Instruct",
    source: verified ? "ai_tmdb_verified" : "error_fallback",
    confidence: Math.round(100 * random.between(0.6, 0.95)) / 100,
    intent: "cinema",
    resultCount: plan.recommended.size,
    latencyMs: Math.round(random.lognormal(2_600, 0.5)),
  };
}

function emitCreation(scenario: Scenario, plan: RoomPlan, session: AppSession, createdMs: number): void {
  const { roomId, seats, mediaType, genres, isPrivate } = plan;
  scenario.request(session, createdMs - 1_500, "createRoom");
  const properties = {
    ...(plan.seatsMissing ? {} : { seats }),
    mediaType,
    genres,
    isPrivate,
    titleCount: Math.min(titlesPerRoom, plan.titles.length),
    variant: "full",
  };
  scenario.appEvent(session, createdMs, "room_created", properties, { roomId, eventId: factId("room_created", roomId) });
}

function emitInvitation(scenario: Scenario, plan: RoomPlan, session: AppSession, createdMs: number): void {
  const about = { roomId: plan.roomId };
  const channel = scenario.random.weighted(channels);
  scenario.appEvent(session, createdMs + 900, "screen_view", { screen: "room_details" }, about);
  const sharedMs = createdMs + 3_000 + scenario.random.below(5_000);
  scenario.appEvent(session, sharedMs, "invite_shared", { channel }, about);
  scenario.appEvent(session, sharedMs, "share_content", { channel, contentType: "room_invite" }, about);
}

/** The host asks the assistant, and often takes one of its proposals into the room. */
function emitAiRequest(scenario: Scenario, plan: RoomPlan, session: AppSession, atMs: number): void {
  const { roomId, mediaType } = plan;
  scenario.request(session, atMs, "askTrini");
  scenario.appEvent(session, atMs + 3_000, "request_ai_recommendation", aiAnswer(plan, session, scenario.random), { roomId });
  const [contentId] = plan.recommended;
  if (contentId === undefined || !scenario.random.chance(aiAcceptedShare)) return;
  const { userId } = session.person;
  const eventId = factId("ai_recommendation_accepted", roomId, contentId);
  const fact = {
    eventId,
    eventType: "ai_recommendation_accepted",
    roomId,
    userId,
    properties: { contentId, mediaType },
    source: assistantLambda,
  };
  scenario.serverFact(atMs + 15_000, fact);
}

/** A host opens the app, fills in the dialog and invites. @returns the host's session and when the room exists */
export function emitOpening(scenario: Scenario, plan: RoomPlan, host: Person, startMs: number): { session: AppSession; createdMs: number } {
  const { random } = scenario;
  const session = startSession(host, startMs, random);
  let atMs = scenario.openApp(session, "home");
  scenario.request(session, atMs, "getUserRooms");
  atMs += 2_000;
  scenario.appEvent(session, atMs, "screen_view", { screen: "create_room", previousScreen: "home" });
  atMs += 8_000 + Math.round(random.lognormal(20_000, 0.7));
  if (plan.asksForThirdGenre) {
    scenario.request(session, atMs, "createRoom", scenario.newTraceId(), { statusCode: 200, code: "too_many_genres" });
    atMs += 9_000;
  }
  const createdMs = atMs + 1_500;
  emitCreation(scenario, plan, session, createdMs);
  emitInvitation(scenario, plan, session, createdMs);
  if (plan.asksAi) emitAiRequest(scenario, plan, session, createdMs + 9_000);
  return { session, createdMs };
}
