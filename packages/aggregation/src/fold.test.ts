import { describe, expect, test } from "vitest";
import { noEntities } from "./entity.ts";
import { emptyWatermark, fold, foldInputOf, type Watermark } from "./fold.ts";
import { storedEvent, vote } from "./stored-event.testing.ts";

const noonMs = Date.parse("2026-11-22T12:00:00Z");
const chunk = (seq: number, events: readonly ReturnType<typeof vote>[]) => ({ seq, receivedAtMs: noonMs, receipts: [], events });
const said = { at: noonMs, userId: "ana", roomId: "room-1", sessionId: "session-1" };

/** The tiers in which votes are counted at an instant, when they are folded at noon. */
function tiersAt(at: string): readonly string[] {
  const { cells } = fold(foldInputOf([chunk(1, [vote({ at })])]), noEntities(), emptyWatermark, noonMs);
  return cells.filter(({ set }) => set === "vote").map(({ tier }) => tier);
}

describe("a fold", () => {
  test("moves the mark to its last chunk and raises the revision once", () => {
    const watermark: Watermark = { seq: 7, revision: 3, users: 5, minutesFromMs: 0 };
    const { from, to } = fold(foldInputOf([chunk(8, []), chunk(9, [vote(said)])]), noEntities(), watermark, noonMs);
    expect(from).toBe(watermark);
    expect(to).toEqual({ seq: 9, revision: 4, users: 6, minutesFromMs: Date.parse("2026-11-20") });
  });

  test("gives new users the next numbers, in the order they are first met", () => {
    const events = [vote({ ...said, userId: "bea" }), vote(said), vote({ ...said, userId: "bea" })];
    const { entities, to } = fold(foldInputOf([chunk(1, events)]), noEntities(), { ...emptyWatermark, users: 5 }, noonMs);
    const numbers = entities.flatMap(({ kind, key, value }) => (kind === "user" && value !== null ? [[key, value]] : []));
    expect(numbers).toMatchObject([
      ["bea", { number: 5 }],
      ["ana", { number: 6 }],
    ]);
    expect(to.users).toBe(7);
  });

  test("names each chunk once for every user that has events in it, and for nothing else", () => {
    const span = storedEvent({ ...said, eventType: "span", userId: "bea" });
    const { index } = fold(
      foldInputOf([chunk(1, [vote(said), vote(said), span]), chunk(2, [vote({ at: noonMs, userId: "ana" })])]),
      noEntities(),
      emptyWatermark,
      noonMs,
    );
    expect(index).toEqual([
      { kind: "user", key: "ana", seq: 1 },
      { kind: "user", key: "ana", seq: 2 },
    ]);
  });
});

describe("cells by the minute", () => {
  test("are kept for the day of the fold and the two before it; what is older is counted by the hour", () => {
    expect(tiersAt("2026-11-20T00:00:00Z")).toEqual(["minute", "hour", "day"]);
    expect(tiersAt("2026-11-19T23:59:59.999Z")).toEqual(["hour", "day"]);
  });

  test("that were dropped stay dropped when a clock is set back", () => {
    const { to } = fold(foldInputOf([]), noEntities(), { ...emptyWatermark, minutesFromMs: noonMs }, noonMs);
    expect(to.minutesFromMs).toBe(noonMs);
  });
});
