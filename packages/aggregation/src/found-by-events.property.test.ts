import type { StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tierMs } from "./bucket.ts";
import { belongsToInferredSession, inferredSessionKey } from "./entities/inferred-session.ts";
import type { Session } from "./entities/session.ts";
import { contributionsOfEntity, readsFor, refsOf } from "./entity.ts";
import { type Entity, type EntityKind, entityDeclaration, entityKinds } from "./entity-kind.ts";
import { FoldedWorld } from "./folded-world.testing.ts";
import { isFoundByEvents, rangesOfEvents } from "./found-by-events.ts";
import type { CountedKind } from "./measure.ts";
import { measures } from "./measure-catalogue.ts";
import { isInAny, joinTimeRanges } from "./time-range.ts";
import { anyWorldOfAllKinds, type World } from "./world-arbitrary.testing.ts";

function folded({ folds }: World): FoldedWorld {
  return folds.reduce((world, { chunks, foldedAtMs }) => world.fold(chunks, foldedAtMs), new FoldedWorld());
}

const foundKinds = entityKinds.filter((kind) => entityDeclaration(kind).contributesWithinMs !== null);
const counted = new Set(measures.flatMap(({ origin }): readonly string[] => (typeof origin === "string" ? [] : origin)));

function belongsTo(event: StoredEvent, kind: EntityKind, key: string, entity: Entity): boolean {
  if (kind !== "inferredSession") return refsOf(event).some((ref) => ref.kind === kind && ref.key === key);
  const { startMs, endMs } = entity as Session;
  const isWithin = event.timestampMs >= startMs && event.timestampMs <= endMs;
  return belongsToInferredSession(event) && isWithin && key === inferredSessionKey(event.userId as string, startMs);
}

function entitiesOf(world: FoldedWorld, kind: EntityKind): readonly [string, Entity][] {
  return [...(world.entities[kind] as ReadonlyMap<string, Entity>)];
}

test("each contribution of an entity has an event of that entity as near as its kind declares, at the same instant for all but sessions", () => {
  const seen = new Map<EntityKind, number>();
  fc.assert(
    fc.property(anyWorldOfAllKinds, (one) => {
      const world = folded(one);
      for (const kind of foundKinds) {
        const withinMs = entityDeclaration(kind).contributesWithinMs as number;
        expect(withinMs).toBe(kind === "session" || kind === "inferredSession" ? tierMs.minute : 0);
        for (const [key, entity] of entitiesOf(world, kind)) {
          const own = one.events.filter((event) => belongsTo(event, kind, key, entity));
          for (const { atMs } of contributionsOfEntity({ kind, key }, entity)) {
            seen.set(kind, (seen.get(kind) ?? 0) + 1);
            expect(Math.min(...own.map(({ timestampMs }) => Math.abs(timestampMs - atMs)))).toBeLessThanOrEqual(withinMs);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
  // A room member contributes nothing itself.
  for (const kind of foundKinds.filter((one) => one !== "roomMember")) expect([kind, (seen.get(kind) ?? 0) > 100]).toEqual([kind, true]);
});

test("only rooms, which end without an event, and chunks are not found by events", () => {
  const notFound = measures.filter(({ origin }) => !isFoundByEvents(origin)).map(({ name }) => name);
  expect(notFound).toEqual(["room_creation", "room_start", "room_end", "room_milestone", "ingest", "freshness"]);
});

const anyRanges = fc
  .array(fc.tuple(fc.integer({ min: -10, max: 10 }), fc.nat(tierMs.minute), fc.nat(tierMs.hour)), { minLength: 1, maxLength: 4 })
  .map(
    (all) => (aroundMs: number) =>
      joinTimeRanges(
        all.map(([quarters, ms, length]) => {
          const fromMs = aroundMs + (quarters * tierMs.hour) / 4 + ms;
          return { fromMs, toMs: fromMs + length + 1 };
        }),
      ),
  );

test("the entities that contribute in ranges are among those that their events name or may join", () => {
  let inRanges = 0;
  fc.assert(
    fc.property(anyWorldOfAllKinds, anyRanges, (one, rangesAround) => {
      const world = folded(one);
      const ranges = rangesAround(one.aroundMs);
      for (const kind of foundKinds.filter((name): name is CountedKind => counted.has(name))) {
        const near = rangesOfEvents([kind], ranges);
        const { refs, inferredSessions } = readsFor(one.events.filter(({ timestampMs }) => isInAny(near, timestampMs)));
        for (const [key, entity] of entitiesOf(world, kind)) {
          if (!contributionsOfEntity({ kind, key }, entity).some(({ atMs }) => isInAny(ranges, atMs))) continue;
          inRanges += 1;
          const isRead =
            kind === "inferredSession"
              ? inferredSessions.some(({ userId, fromMs, toMs }) => isOf(userId, key) && overlaps(entity as Session, fromMs, toMs))
              : refs.some((ref) => ref.kind === kind && ref.key === key);
          expect([kind, key, isRead]).toEqual([kind, key, true]);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(inRanges).toBeGreaterThan(200);
});

function isOf(userId: string, key: string): boolean {
  return key.startsWith(`${userId}/`);
}

/** Such a read finds the sessions that start in it, and the last one before, which may reach into it. */
function overlaps({ startMs, endMs }: Session, fromMs: number, toMs: number): boolean {
  return startMs <= toMs && endMs >= fromMs;
}
