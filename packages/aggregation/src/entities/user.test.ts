import { expect, test } from "vitest";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { storedEvent } from "../stored-event.testing.ts";
import { mergeUser } from "./user.ts";

const foldedAtMs = Date.parse("2026-11-22T12:00:00Z");
const days = { fromMs: Date.parse("2026-11-20"), toMs: Date.parse("2026-11-23"), granularity: "day" } as const;

function valuesOf(world: FoldedWorld, metric: string) {
  return world.answer(question({ metric, ...days }), foldedAtMs).series[0]?.points.map(({ value }) => value);
}

test("a user is new on the day of the first event ever, whatever the event", () => {
  const shown = storedEvent({ at: "2026-11-21T10:00:00Z", eventType: "title_shown", userId: "ana", properties: { contentId: "tv:1" } });
  const login = storedEvent({ at: "2026-11-22T10:00:00Z", eventType: "user_login", userId: "ana" });
  const world = new FoldedWorld().foldEvents([shown, login], foldedAtMs);
  expect(valuesOf(world, "new_users")).toEqual([0, 1, 0]);
  // To be shown a title is nobody's action.
  expect(valuesOf(world, "active_users")).toEqual([0, 0, 1]);
});

test("an earlier event that arrives later moves the new user, with the circumstances of that event", () => {
  const later = storedEvent({ at: "2026-11-22T10:00:00Z", userId: "ana", context: { platform: "ios" } });
  const earlier = storedEvent({ at: "2026-11-20T10:00:00Z", userId: "ana", context: { platform: "web" } });
  const world = new FoldedWorld().foldEvents([later], foldedAtMs);
  expect(valuesOf(world, "new_users")).toEqual([0, 0, 1]);
  world.foldEvents([earlier], foldedAtMs);
  expect(valuesOf(world, "new_users")).toEqual([1, 0, 0]);
  const byPlatform = world.answer(question({ metric: "new_users", ...days, by: ["platform"] }), foldedAtMs);
  expect(byPlatform.totals).toEqual([{ by: { platform: "web" }, value: 1 }]);
});

test("a user keeps the first number", () => {
  const late = storedEvent({ at: "2026-11-22T10:00:00Z", userId: "ana" });
  const early = storedEvent({ at: "2026-11-20T10:00:00Z", userId: "ana" });
  const user = mergeUser(mergeUser(undefined, late, 7), early, 8);
  expect(user).toMatchObject({ number: 7, first: { atMs: Date.parse("2026-11-20T10:00:00Z") } });
});

test("of two events at the same instant the one with the smaller id is first, in either order", () => {
  const at = "2026-11-20T10:00:00Z";
  const a = storedEvent({ at, eventId: "a", userId: "ana", context: { platform: "ios" } });
  const b = storedEvent({ at, eventId: "b", userId: "ana", context: { platform: "web" } });
  expect(mergeUser(mergeUser(undefined, a, 0), b, 0)).toEqual(mergeUser(mergeUser(undefined, b, 0), a, 0));
  expect(mergeUser(mergeUser(undefined, b, 0), a, 0).context).toMatchObject({ platform: "ios" });
});
