import { inventTitles } from "./catalog-of-titles.ts";
import { Crowd, newcomersOf } from "./crowd.ts";
import { hourMs, hourStartOf, type Pace, scaledPace } from "./day-curve.ts";
import { applyDeliveryDefects, type DefectRates, noDefects } from "./defects.ts";
import { byDelivery, type Deliveries, mergeByDelivery } from "./merge-by-delivery.ts";
import type { SimulatedMessage } from "./message.ts";
import { Random } from "./random.ts";
import { tellRoom, type World } from "./room-story.ts";
import { startTimes } from "./start-times.ts";
import type { Story } from "./story.ts";
import { tellRegistration, tellVisit } from "./visit-story.ts";

export type Simulation = {
  readonly seed: number;
  /** Stories start in `[fromMs, toMs)` and are cut off at `toMs`; `Infinity` goes on for ever. */
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 is a small community of about 1,200 people a month. */
  readonly scale: number;
  readonly defects?: DefectRates;
  /** How often rooms open at scale 1: by default `communityPace`, or `livePace` for a stream that never ends. */
  readonly roomPace?: Pace;
};

/** What a community of this size does by itself. */
export const communityPace: Pace = { perDay: 26 };
/** One to five rooms a minute, so that there is always something to watch. */
export const livePace: Pace = { perDay: 3_000, perMinute: { min: 1, max: 5 } };
const visitPace: Pace = { perDay: 120 };
const newcomerPace: Pace = { perDay: 13 };

/** Something that begins at a known time and is told only when that time has come. */
type Opening = { readonly atMs: number; readonly tell: (random: Random) => Story | undefined };

type Paces = { readonly rooms: Pace; readonly visits: Pace; readonly newcomers: Pace };

function openingsOf(world: World, seed: number, paces: Paces, hourStartMs: number): readonly Opening[] {
  const { crowd, titles } = world;
  const starts = (kind: string, pace: Pace) => startTimes(pace, hourStartMs, new Random(seed, kind, hourStartMs));
  const rooms = starts("rooms", paces.rooms).map(
    (atMs): Opening => ({
      atMs,
      tell: (random) => {
        const host = crowd.pick(random, atMs);
        return host && tellRoom(world, atMs, host, random);
      },
    }),
  );
  const visits = starts("visits", paces.visits).map(
    (atMs): Opening => ({
      atMs,
      tell: (random) => {
        const visitor = crowd.pick(random, atMs);
        return visitor && tellVisit(titles, atMs, visitor, random);
      },
    }),
  );
  const registrations = newcomersOf(seed, paces.newcomers, hourStartMs).map(
    (person): Opening => ({
      atMs: person.arrivedAtMs,
      tell: (random) => tellRegistration(titles, person, random),
    }),
  );
  return [...rooms, ...visits, ...registrations].sort((one, other) => one.atMs - other.atMs);
}

function* storiesOf({ seed, fromMs, toMs, scale, defects = noDefects, roomPace }: Simulation): Generator<Deliveries> {
  const defaultPace = toMs === Number.POSITIVE_INFINITY ? livePace : communityPace;
  const paces = {
    rooms: scaledPace(roomPace ?? defaultPace, scale),
    visits: scaledPace(visitPace, scale),
    newcomers: scaledPace(newcomerPace, scale),
  };
  const world: World = { titles: inventTitles(seed), crowd: new Crowd(seed, paces.newcomers, fromMs), defects };
  for (let hourStartMs = hourStartOf(fromMs); hourStartMs < toMs; hourStartMs += hourMs) {
    for (const [number, { atMs, tell }] of openingsOf(world, seed, paces, hourStartMs).entries()) {
      if (atMs < fromMs || atMs >= toMs) continue;
      const random = new Random(seed, "story", hourStartMs, number);
      const messages = applyDeliveryDefects(tell(random)?.messages ?? [], defects, random);
      yield { fromMs: atMs, messages: messages.sort(byDelivery) };
    }
  }
}

/**
 * What an ingest service would see of Trinity, in the order of delivery.
 * Lazy and repeatable: the same simulation tells the same story byte by byte, and only what is under way is held in memory.
 */
export function* simulate(simulation: Simulation): Generator<SimulatedMessage> {
  for (const message of mergeByDelivery(storiesOf(simulation))) {
    if (message.deliverAtMs >= simulation.toMs) return;
    yield message;
  }
}
