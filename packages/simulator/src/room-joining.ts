import { factId } from "@trinity/events/fact-id";
import { type AppSession, startSession } from "./app-session.ts";
import type { Person } from "./people.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { Scenario } from "./scenario.ts";

const badCodeShare = 0.03;
const rejoinShare = 0.05;

function emitJoin(scenario: Scenario, plan: RoomPlan, session: AppSession, joinMs: number, seatsTaken: number, rejoin: boolean): void {
  const eventId = factId("join", plan.roomId, session.person.userId, new Date(joinMs).toISOString());
  const properties = { seatsTaken, capacity: plan.seats, role: "member", joinMethod: "code", rejoin };
  scenario.request(session, joinMs - 150, "joinRoomByInvite");
  scenario.appEvent(session, joinMs, "join_room", properties, { roomId: plan.roomId, eventId });
}

/** A guest follows the invitation and takes a seat. @param seatsTaken with this guest @returns the guest's session */
export function emitGuest(scenario: Scenario, plan: RoomPlan, guest: Person, joinMs: number, seatsTaken: number): AppSession {
  const { random } = scenario;
  const session = startSession(guest, joinMs - 9_000, random);
  const about = { roomId: plan.roomId };
  const entry = random.weighted([
    ["deeplink", 60],
    ["web", 15],
    ["manual", 25],
  ]);
  scenario.appEvent(session, joinMs - 9_000, "invite_opened", { entry }, about);
  if (entry === "web") scenario.request(session, joinMs - 8_500, "validateInvite");
  scenario.appEvent(session, joinMs - 7_000, "screen_view", { screen: "join" }, about);
  if (random.chance(badCodeShare)) scenario.appEvent(session, joinMs - 4_000, "join_failed", { reason: "invalid_code" });
  emitJoin(scenario, plan, session, joinMs, seatsTaken, false);
  if (random.chance(rejoinShare)) emitJoin(scenario, plan, session, joinMs + 4_000, seatsTaken, true);
  scenario.appEvent(session, joinMs + 900, "screen_view", { screen: "room", previousScreen: "join" }, about);
  scenario.request(session, joinMs + 950, "getRoom");
  scenario.request(session, joinMs + 1_100, "getNextMovieForUser");
  return session;
}

/** Somebody comes to a room with no seat left. */
export function emitTurnedAway(scenario: Scenario, plan: RoomPlan, outsider: Person, atMs: number): void {
  const session = startSession(outsider, atMs - 9_000, scenario.random);
  const about = { roomId: plan.roomId };
  scenario.appEvent(session, atMs - 9_000, "invite_opened", { entry: "deeplink" }, about);
  scenario.appEvent(session, atMs - 7_000, "screen_view", { screen: "join" }, about);
  scenario.request(session, atMs - 150, "joinRoomByInvite", scenario.newTraceId(), { statusCode: 200, code: "room_full" });
  scenario.appEvent(session, atMs, "join_failed", { reason: "full" }, about);
}
