import { factId } from "@trinity/events/fact-id";
import { type AppSession, startSession } from "./app-session.ts";
import type { Person } from "./people.ts";
import type { RoomPlan } from "./room-plan.ts";
import type { Story } from "./story.ts";

const badCodeShare = 0.03;
const rejoinShare = 0.05;

function tellJoin(story: Story, plan: RoomPlan, session: AppSession, joinMs: number, seatsTaken: number, rejoin: boolean): void {
  const eventId = factId("join", plan.roomId, session.person.userId, new Date(joinMs).toISOString());
  const properties = { seatsTaken, capacity: plan.seats, role: "member", joinMethod: "code", rejoin };
  story.request(session, joinMs - 150, "joinRoomByInvite");
  story.appEvent(session, joinMs, "join_room", properties, { roomId: plan.roomId, eventId });
}

/** A guest follows the invitation and takes a seat. @param seatsTaken with this guest @returns the guest's session */
export function tellGuest(story: Story, plan: RoomPlan, guest: Person, joinMs: number, seatsTaken: number): AppSession {
  const { random } = story;
  const session = startSession(guest, joinMs - 9_000, random);
  const about = { roomId: plan.roomId };
  const entry = random.weighted([
    ["deeplink", 60],
    ["web", 15],
    ["manual", 25],
  ]);
  story.appEvent(session, joinMs - 9_000, "invite_opened", { entry }, about);
  if (entry === "web") story.request(session, joinMs - 8_500, "validateInvite");
  story.appEvent(session, joinMs - 7_000, "screen_view", { screen: "join" }, about);
  if (random.chance(badCodeShare)) story.appEvent(session, joinMs - 4_000, "join_failed", { reason: "invalid_code" });
  tellJoin(story, plan, session, joinMs, seatsTaken, false);
  if (random.chance(rejoinShare)) tellJoin(story, plan, session, joinMs + 4_000, seatsTaken, true);
  story.appEvent(session, joinMs + 900, "screen_view", { screen: "room", previousScreen: "join" }, about);
  story.request(session, joinMs + 950, "getRoom");
  story.request(session, joinMs + 1_100, "getNextMovieForUser");
  return session;
}

/** Somebody comes to a room with no seat left. */
export function tellTurnedAway(story: Story, plan: RoomPlan, outsider: Person, atMs: number): void {
  const session = startSession(outsider, atMs - 9_000, story.random);
  const about = { roomId: plan.roomId };
  story.appEvent(session, atMs - 9_000, "invite_opened", { entry: "deeplink" }, about);
  story.appEvent(session, atMs - 7_000, "screen_view", { screen: "join" }, about);
  story.request(session, atMs - 150, "joinRoomByInvite", story.newTraceId(), { statusCode: 200, code: "room_full" });
  story.appEvent(session, atMs, "join_failed", { reason: "full" }, about);
}
