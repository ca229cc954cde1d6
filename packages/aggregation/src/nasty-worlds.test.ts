import type { StoredEvent } from "@trinity/events/event";
import { describe, expect, test } from "vitest";
import { answerMismatches } from "./answer-mismatches.testing.ts";
import type { Granularity } from "./calendar.ts";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import { dimensionsOfMetric, type Metric } from "./metric.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { expectedAnswer } from "./metric-oracle.testing.ts";
import type { MetricQuery } from "./metric-query.ts";
import { type Said, storedEvent, vote } from "./stored-event.testing.ts";

/**
 * Minimal worlds of defects that generated worlds once found. In each, every metric by every dimension must equal its definition, and one
 * number is given.
 */
type NastyWorld = {
  readonly name: string;
  readonly events: readonly StoredEvent[];
  readonly asOf: string;
  readonly from: string;
  readonly to: string;
  readonly timeZone?: string;
  readonly number: Pick<MetricQuery, "metric"> & Partial<MetricQuery> & { readonly is: readonly (number | null)[] };
};

const happened = (eventType: string, said: Said) => storedEvent({ ...said, eventType });
const inRoom = (eventType: string, at: string, userId: string | null, properties: StoredEvent["properties"] = {}) =>
  storedEvent({ eventType, at, userId, roomId: "room-1", properties });
const voteInRoom = (at: string, userId: string | null, properties: StoredEvent["properties"] = {}) =>
  vote({ at, userId, roomId: "room-1" }, properties);

const worlds: readonly NastyWorld[] = [
  {
    name: "an inferred session across midnight that a late event joins with another, exactly 30 minutes before the next event",
    events: [
      happened("screen_view", { at: "2026-02-28T23:50:00Z", userId: "ana" }),
      happened("screen_view", { at: "2026-03-01T00:40:00Z", userId: "ana" }),
      happened("screen_view", { at: "2026-03-01T01:10:00Z", userId: "ana" }),
      happened("screen_view", { at: "2026-03-01T00:15:00Z", userId: "ana" }),
    ],
    asOf: "2026-03-02",
    from: "2026-02-28",
    to: "2026-03-02",
    number: { metric: "actions_per_session", is: [3, 1] },
  },
  {
    name: "a user who was active in the last millisecond of a leap day, thirty days later",
    events: [
      happened("screen_view", { at: "2024-02-29T23:59:59.999Z", userId: "ana" }),
      happened("screen_view", { at: "2024-03-30T00:00:00Z", userId: "bea" }),
    ],
    asOf: "2024-04-02",
    from: "2024-03-28",
    to: "2024-03-31",
    number: { metric: "active_users", windowDays: 30, is: [1, 1, 1] },
  },
  {
    name: "an hour that occurs twice because clocks go back",
    events: [
      voteInRoom("2024-10-27T00:30:00Z", "ana"),
      voteInRoom("2024-10-27T01:30:00Z", "ana"),
      voteInRoom("2024-10-27T22:59:59.999Z", "bea"),
      voteInRoom("2024-10-27T23:00:00Z", "bea"),
    ],
    asOf: "2024-10-30",
    from: "2024-10-26T22:00:00Z",
    to: "2024-10-28T23:00:00Z",
    timeZone: "Europe/Madrid",
    number: { metric: "votes", is: [3, 1] },
  },
  {
    name: "a day without a midnight because clocks go forward",
    events: [
      happened("screen_view", { at: "2018-11-04T02:59:59.999Z", userId: "ana" }),
      happened("screen_view", { at: "2018-11-04T03:00:00Z", userId: "ana" }),
    ],
    asOf: "2018-11-06",
    from: "2018-11-03T03:00:00Z",
    to: "2018-11-05T02:00:00Z",
    timeZone: "America/Sao_Paulo",
    number: { metric: "returning_users", is: [0, 1] },
  },
  {
    name: "two first events at the same instant, of which the one delivered later has the lower id and another context",
    events: [
      happened("screen_view", { eventId: "b", at: "2026-02-28T23:00:00Z", userId: "ana", sessionId: "s", context: { platform: "ios" } }),
      happened("screen_view", {
        eventId: "a",
        at: "2026-02-28T23:00:00Z",
        userId: "ana",
        sessionId: "s",
        context: { platform: "android" },
      }),
    ],
    asOf: "2026-03-02",
    from: "2026-02-28",
    to: "2026-03-01",
    number: { metric: "new_users", filters: [{ dimension: "platform", values: ["android"], negated: false }], is: [1] },
  },
  {
    name: "an abandoned room that has another event, is closed, and gets a late match from before its close",
    events: [
      inRoom("room_created", "2026-02-26T10:00:00Z", "ana", { seats: 2 }),
      voteInRoom("2026-02-26T11:00:00Z", "ana"),
      voteInRoom("2026-02-28T12:00:00Z", "bea"),
      inRoom("no_consensus", "2026-02-28T12:30:00Z", null),
      inRoom("match_found", "2026-02-28T12:00:01Z", null, { contentId: "movie:862" }),
    ],
    asOf: "2026-03-02",
    from: "2026-02-26",
    to: "2026-03-01",
    number: { metric: "consensus_rate", is: [null, null, 1] },
  },
  {
    name: "a session id that two users share by mistake",
    events: [
      happened("screen_view", { at: "2026-02-28T10:00:30Z", userId: "bea", sessionId: "shared" }),
      happened("screen_view", { at: "2026-02-28T10:00:00Z", userId: "ana", sessionId: "shared" }),
      happened("screen_view", { at: "2026-03-01T00:00:00Z", userId: "bea", sessionId: "shared" }),
    ],
    asOf: "2026-03-02",
    from: "2026-02-28",
    to: "2026-03-02",
    number: { metric: "concurrent_sessions", is: [1, 1] },
  },
  {
    name: "a member who leaves, joins again and leaves after the match, and one who becomes inactive before it",
    events: [
      inRoom("room_created", "2026-02-28T10:00:00Z", "ana", { seats: 3 }),
      inRoom("join_room", "2026-02-28T10:01:00Z", "bea"),
      inRoom("leave_room", "2026-02-28T10:02:00Z", "bea"),
      inRoom("join_room", "2026-02-28T10:03:00Z", "bea"),
      inRoom("join_room", "2026-02-28T10:03:00Z", "cai"),
      inRoom("member_inactive", "2026-02-28T10:09:00Z", "cai", { level: "excluded" }),
      inRoom("match_found", "2026-02-28T10:10:00Z", null, { contentId: "movie:862" }),
      inRoom("leave_room", "2026-02-28T10:11:00Z", "bea"),
    ],
    asOf: "2026-03-02",
    from: "2026-02-28",
    to: "2026-03-01",
    number: { metric: "dropout_rate", is: [1 / 3] },
  },
  {
    name: "a title that matches in a room before the first vote on it is delivered",
    events: [
      inRoom("match_found", "2026-02-28T10:10:00Z", null, { contentId: "tv:1", genres: ["drama"] }),
      voteInRoom("2026-02-28T10:09:00Z", "ana", { contentId: "tv:1", genres: ["comedy"] }),
      voteInRoom("2026-02-28T10:08:00Z", "ana", { contentId: "movie:1", genres: ["comedy"], vote: "skip" }),
    ],
    asOf: "2026-03-02",
    from: "2026-02-28",
    to: "2026-03-01",
    number: { metric: "matching_power", filters: [{ dimension: "genre", values: ["comedy"], negated: false }], is: [0.5] },
  },
  {
    name: "rooms whose ends are after the present have no series",
    events: [
      inRoom("room_created", "2026-02-28T10:00:00Z", "ana", { seats: 2 }),
      storedEvent({ eventType: "room_created", at: "2026-02-28T22:30:00Z", roomId: "room-2", properties: { seats: 3 } }),
    ],
    asOf: "2026-03-01T11:00:00Z",
    from: "2026-02-28",
    to: "2026-03-03",
    number: { metric: "room_satisfaction", is: [null, 20, null] },
  },
];

const granularities: readonly Granularity[] = ["hour", "day", "week", "month", "total"];

function isValid({ calculation }: Metric, granularity: Granularity): boolean {
  return calculation.finestGranularity === "minute" || granularity !== "hour";
}

describe.each(worlds)("$name", ({ events, asOf, from, to, timeZone = "UTC", number }) => {
  const [asOfMs, fromMs, toMs] = [asOf, from, to].map((instant) => Date.parse(instant)) as [number, number, number];
  const world = () => new FoldedWorld().foldEvents(events.slice(0, 1), asOfMs).foldEvents(events.slice(1), asOfMs);

  test(`${number.metric} is ${number.is.join(", ")}`, () => {
    const { is, ...asked } = number;
    const [series] = world().answer(question({ fromMs, toMs, granularity: "day", timeZone, ...asked }), asOfMs).series;
    expect(series?.points.map(({ value }) => value)).toEqual(is);
  });

  test("every metric by every dimension equals its definition", () => {
    const cells = world();
    const oracleWorld = { asOfMs, chunks: cells.chunks.map((chunk) => ({ chunk, foldedAtMs: asOfMs })) };
    for (const metric of metricCatalogue) {
      for (const granularity of granularities.filter((one) => isValid(metric, one))) {
        for (const by of [[], ...dimensionsOfMetric(metric).map((dimension) => [dimension])]) {
          const query = question({ metric: metric.name, fromMs, toMs, granularity, timeZone, by });
          expect(answerMismatches(cells.answer(query, asOfMs), query, expectedAnswer(oracleWorld, query))).toEqual([]);
          expect({ ...cells.answer(query, asOfMs, "log"), source: "any" }).toEqual({ ...cells.answer(query, asOfMs), source: "any" });
        }
      }
    }
  });

  test("the state is the same if events are folded in another order, or folded and unfolded again", () => {
    const other = new FoldedWorld().foldEvents(events.toReversed(), asOfMs);
    expect(other.state()).toEqual(world().state());
    const without = world().unfold(events.slice(-1));
    expect(without.state()).toEqual(new FoldedWorld().foldEvents(events.slice(0, -1), asOfMs).state());
  });
});
