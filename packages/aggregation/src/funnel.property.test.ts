import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tierMs } from "./bucket.ts";
import { FunnelAccumulator, type FunnelQuery, funnelHolds } from "./funnel.ts";
import { funnelOrders } from "./funnel-attempt.ts";
import { anyWorld } from "./world-arbitrary.testing.ts";

const anyAsked = fc.record({
  steps: fc.array(fc.constantFrom("vote_content", "join_room", "join_room", "screen_view"), { minLength: 1, maxLength: 4 }),
  windowMs: fc.constantFrom(1, tierMs.hour / 2, 2 * tierMs.hour, tierMs.day, 9 * tierMs.day, 9 * tierMs.day),
  order: fc.constantFrom(...funnelOrders),
  hold: fc.constantFrom(null, null, null, ...funnelHolds),
  fromMs: fc.integer({ min: -100, max: 0 }).map((halfHours) => (halfHours * tierMs.hour) / 2),
  lengthMs: fc.constantFrom(tierMs.hour, 9 * tierMs.day, 9 * tierMs.day, 9 * tierMs.day),
  filters: fc.constantFrom([], [], [{ dimension: "platform" as const, values: ["ios"], negated: true }]),
});

/** A world, in half of the cases with a single user, a funnel query, and the events of the world in any order. */
const anyFunnel = fc
  .record({ world: anyWorld, busy: fc.boolean(), asked: anyAsked })
  .chain(({ world, busy, asked: { lengthMs, ...asked } }) => {
    const fromMs = world.aroundMs + asked.fromMs;
    const events = busy ? world.events.map(doneByAna) : world.events;
    return fc.record({
      query: fc.constant<FunnelQuery>({ ...asked, fromMs, toMs: fromMs + lengthMs }),
      events: anyRounded(events),
      asOfMs: fc.constantFrom(world.asOfMs, world.aroundMs + 9 * tierMs.day, world.aroundMs + 9 * tierMs.day),
    });
  })
  .chain(({ events, ...asked }) =>
    fc.shuffledSubarray([...events], { minLength: events.length }).map((log) => ({ ...asked, events, log })),
  );

/** The events, in half of the cases rounded to few instants. */
function anyRounded(events: readonly StoredEvent[]): fc.Arbitrary<readonly StoredEvent[]> {
  return fc
    .constantFrom(1, 1, tierMs.day, 9 * tierMs.day)
    .map((roundMs) => events.map((event) => ({ ...event, timestampMs: Math.floor(event.timestampMs / roundMs) * roundMs })));
}

/** All events by one user, so that steps are reached: rare types become `join_room`. */
function doneByAna(event: StoredEvent): StoredEvent {
  const isFrequent = ["vote_content", "screen_view", "span"].includes(event.eventType);
  return { ...event, userId: "ana" as Pseudonym, eventType: isFrequent ? event.eventType : "join_room" };
}

function stepsOf(events: readonly StoredEvent[], query: FunnelQuery, asOfMs: number) {
  const accumulator = new FunnelAccumulator(query, asOfMs);
  for (const event of events) accumulator.add(event);
  return accumulator.steps();
}

/** The definition by brute force: all chains of events that are attempts, and the best of them. */
function bruteForce(events: readonly StoredEvent[], query: FunnelQuery, asOfMs: number) {
  const seen = events
    .filter(({ eventType, timestampMs }) => !["span", "log_record", "metric_point"].includes(eventType) && timestampMs <= asOfMs)
    .filter(({ context }) => query.filters.length === 0 || context.platform !== "ios")
    .sort((a, b) => a.timestampMs - b.timestampMs);
  const keyOf = ({ roomId, properties: { contentId } }: StoredEvent) => {
    if (query.hold === null) return "no hold";
    return (query.hold === "room" ? roomId : contentId) ?? null;
  };
  const attempts = ["ana", "bea", "cai"].flatMap((user) => {
    const chains = [...new Set(seen.map(keyOf))]
      .filter((key) => key !== null)
      .flatMap((key) => {
        const list = seen
          .filter((event) => event.userId === user && keyOf(event) === key)
          .filter(({ eventType }) => query.order === "strict" || query.steps.includes(eventType));
        return list
          .flatMap((_, place) => chainsFrom([place], list, query))
          .map((places) => places.map((place) => (list[place] as StoredEvent).timestampMs));
      });
    const longest = Math.max(0, ...chains.map(({ length }) => length));
    const [best] = chains.filter(({ length }) => length === longest).sort(compareTimes);
    return best === undefined ? [] : [best];
  });
  return query.steps.map((name, step) => {
    const reaching = attempts.filter(({ length }) => length > step);
    const gaps = reaching.map((atMs) => (atMs[step] as number) - (atMs[step - 1] as number)).sort((a, b) => a - b);
    const noMoreThan = (share: number) => gaps.find((gap) => gaps.filter((other) => other <= gap).length >= share * gaps.length) ?? null;
    return { name, users: reaching.length, medianMs: step === 0 ? null : noMoreThan(0.5), p75Ms: step === 0 ? null : noMoreThan(0.75) };
  });
}

/** @returns the chain and all longer chains that begin with it, if they are attempts */
function chainsFrom(chain: readonly number[], list: readonly StoredEvent[], query: FunnelQuery): readonly (readonly number[])[] {
  if (!isAttempt(chain, list, query)) return [];
  // `unordered`: one chain for each set of events is enough.
  const isNext = (place: number) => (query.order === "unordered" ? place > (chain.at(-1) as number) : !chain.includes(place));
  return [chain, ...list.flatMap((_, place) => (isNext(place) ? chainsFrom([...chain, place], list, query) : []))];
}

function isAttempt(chain: readonly number[], list: readonly StoredEvent[], { steps, order, windowMs, fromMs, toMs }: FunnelQuery): boolean {
  const events = chain.map((place) => list[place] as StoredEvent);
  const firstMs = (events[0] as StoredEvent).timestampMs;
  if (chain.length > steps.length || firstMs < fromMs || firstMs >= toMs) return false;
  if (events.some(({ timestampMs }) => timestampMs - firstMs > windowMs)) return false;
  const types = events.map(({ eventType }) => eventType);
  if (order === "unordered") {
    return types.every((type) => types.filter((other) => other === type).length <= steps.filter((step) => step === type).length);
  }
  if (events.some((event, i) => events.slice(0, i).some((before) => isKnownBefore(event, before, list)))) return false;
  const others = list.filter((event) => !events.includes(event));
  const isBetween = (other: StoredEvent) =>
    events.some((event) => isKnownBefore(event, other, list)) && events.some((event) => isKnownBefore(other, event, list));
  if (order === "strict" && others.some(isBetween)) return false;
  return types.every((type, i) => type === steps[i]);
}

/** By timestamp. At one instant by the number of the same request or counter, unless a number is repeated there. */
function isKnownBefore(a: StoredEvent, b: StoredEvent, list: readonly StoredEvent[]): boolean {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs < b.timestampMs;
  const counterOf = ({ sequence, position, sessionId, source }: StoredEvent) =>
    sequence === undefined ? position?.batch : `${source.system} ${sessionId}`;
  const numberOf = ({ sequence, position }: StoredEvent) => sequence ?? position?.index;
  const counted = list.filter((event) => event.timestampMs === a.timestampMs && counterOf(event) === counterOf(a));
  const isUseful = counterOf(a) !== undefined && new Set(counted.map(numberOf)).size === counted.length;
  return isUseful && counted.includes(b) && (numberOf(a) as number) < (numberOf(b) as number);
}

function compareTimes(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((atMs, i) => atMs !== b[i]);
  return differs === -1 ? 0 : (a[differs] as number) - (b[differs] as number);
}

test("a funnel equals a brute-force search over all chains of events, for any order of the log", () => {
  const reached = { ordered: 0, strict: 0, unordered: 0 };
  fc.assert(
    fc.property(anyFunnel, ({ query, events, log, asOfMs }) => {
      const steps = stepsOf(log, query, asOfMs);
      if ((steps[2]?.users ?? 0) > 0) reached[query.order] += 1;
      expect(steps.map(({ name, users, medianMs, p75Ms }) => ({ name, users, medianMs, p75Ms }))).toEqual(
        bruteForce(events, query, asOfMs),
      );
    }),
    { numRuns: 1_000 },
  );
  // The property is only meaningful if users reach later steps.
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(0);
});

test("no step has more users than the step before", () => {
  fc.assert(
    fc.property(anyFunnel, ({ query, log, asOfMs }) => {
      const users = stepsOf(log, query, asOfMs).map((step) => step.users);
      expect(users).toEqual(users.toSorted((a, b) => b - a));
    }),
    { numRuns: 300 },
  );
});
