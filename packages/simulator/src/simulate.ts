import { inventTitles } from "./catalog-of-titles.ts";
import { hourMs, hourStartOf, type Rate, scaledRate } from "./day-curve.ts";
import { applyDeliveryDefects, type DefectRates, noDefects } from "./defects.ts";
import { byDelivery, type Deliveries, mergeByDelivery } from "./merge-by-delivery.ts";
import type { SimulatedMessage } from "./message.ts";
import { newcomersOf, Population } from "./population.ts";
import { Random } from "./random.ts";
import { roomScenario, type World } from "./room-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { startTimes } from "./start-times.ts";
import { registrationScenario, visitScenario } from "./visit-scenario.ts";

export type Simulation = {
  readonly seed: number;
  /** Scenarios start in `[fromMs, toMs)` and are cut off at `toMs`; `Infinity` goes on for ever. */
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 is a small community of about 1,200 people a month. */
  readonly scale: number;
  readonly defects?: DefectRates;
  /** How often rooms open at scale 1: by default `communityPace`, or `livePace` for a stream that never ends. */
  readonly roomRate?: Rate;
};

/** What a community of this size does by itself. */
const communityRate: Rate = { perDay: 26 };
/** One to five rooms a minute, so that there is always something to watch. */
export const liveRate: Rate = { perDay: 3_000, perMinute: { min: 1, max: 5 } };
const visitRate: Rate = { perDay: 120 };
const newcomerRate: Rate = { perDay: 13 };

/** A scenario that begins at a known time and is played only then. */
type Opening = { readonly atMs: number; readonly play: (random: Random) => Scenario | undefined };

type Rates = { readonly rooms: Rate; readonly visits: Rate; readonly newcomers: Rate };

function openingsOf(world: World, seed: number, rates: Rates, hourStartMs: number): readonly Opening[] {
  const { population, titles } = world;
  const starts = (kind: string, rate: Rate) => startTimes(rate, hourStartMs, new Random(seed, kind, hourStartMs));
  const rooms = starts("rooms", rates.rooms).map(
    (atMs): Opening => ({
      atMs,
      play: (random) => {
        const host = population.pick(random, atMs);
        return host && roomScenario(world, atMs, host, random);
      },
    }),
  );
  const visits = starts("visits", rates.visits).map(
    (atMs): Opening => ({
      atMs,
      play: (random) => {
        const visitor = population.pick(random, atMs);
        return visitor && visitScenario(titles, atMs, visitor, random);
      },
    }),
  );
  const registrations = newcomersOf(seed, rates.newcomers, hourStartMs).map(
    (person): Opening => ({
      atMs: person.arrivedAtMs,
      play: (random) => registrationScenario(titles, person, random),
    }),
  );
  return [...rooms, ...visits, ...registrations].sort((one, other) => one.atMs - other.atMs);
}

function* scenariosOf({ seed, fromMs, toMs, scale, defects = noDefects, roomRate }: Simulation): Generator<Deliveries> {
  const defaultRate = toMs === Number.POSITIVE_INFINITY ? liveRate : communityRate;
  const rates = {
    rooms: scaledRate(roomRate ?? defaultRate, scale),
    visits: scaledRate(visitRate, scale),
    newcomers: scaledRate(newcomerRate, scale),
  };
  const world: World = { titles: inventTitles(seed), population: new Population(seed, rates.newcomers, fromMs), defects };
  for (let hourStartMs = hourStartOf(fromMs); hourStartMs < toMs; hourStartMs += hourMs) {
    for (const [number, { atMs, play }] of openingsOf(world, seed, rates, hourStartMs).entries()) {
      if (atMs < fromMs || atMs >= toMs) continue;
      const random = new Random(seed, "story", hourStartMs, number);
      const messages = applyDeliveryDefects(play(random)?.messages ?? [], defects, random);
      yield { fromMs: atMs, messages: messages.sort(byDelivery) };
    }
  }
}

/**
 * What an ingest service would see of Trinity, in the order of delivery.
 * Lazy and repeatable: the same simulation gives the same bytes, and only scenarios that have begun are in memory.
 */
export function* simulate(simulation: Simulation): Generator<SimulatedMessage> {
  for (const message of mergeByDelivery(scenariosOf(simulation))) {
    if (message.deliverAtMs >= simulation.toMs) return;
    yield message;
  }
}
