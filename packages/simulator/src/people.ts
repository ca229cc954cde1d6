import type { Title } from "./catalog-of-titles.ts";
import { type Device, drawAddress, drawDevice } from "./device.ts";
import { allGenres, type Genre } from "./genres.ts";
import { cognitoSub } from "./identifiers.ts";
import type { Random, Weighted } from "./random.ts";

const dayMs = 86_400_000;

export type Person = {
  readonly userId: string;
  readonly arrivedAtMs: number;
  /** When the person has had enough of the app. */
  readonly leavesAtMs: number;
  readonly device: Device;
  readonly locale: string;
  readonly ageBand: string;
  readonly ipAddress: string;
  readonly updateLagMs: number;
  /** How eager compared to others; median 1. */
  readonly activity: number;
  readonly signIn: "email" | "google";
  /** Factor on the chance of a like, by genre; median 1. */
  readonly taste: ReadonlyMap<Genre, number>;
};

const locales: Weighted<string> = [
  ["es-ES", 68],
  ["ca-ES", 9],
  ["gl-ES", 2],
  ["eu-ES", 2],
  ["es-MX", 6],
  ["es-AR", 3],
  ["en-GB", 5],
  ["pt-PT", 3],
  ["fr-FR", 2],
];
const ageBands: Weighted<string> = [
  ["18-24", 28],
  ["25-34", 36],
  ["35-44", 20],
  ["45-54", 10],
  ["55-64", 6],
];
/** No person stays longer, so everyone present at a time arrived within this span before it. */
export const longestStayMs = 365 * dayMs;

/** Many try the app and are gone within days; who stays, stays for months. */
function drawStayMs(random: Random): number {
  const stayMs = random.chance(0.35) ? random.exponential(2 * dayMs) : random.exponential(110 * dayMs);
  return Math.min(longestStayMs, dayMs / 24 + Math.round(stayMs));
}

export function drawPerson(arrivedAtMs: number, random: Random): Person {
  return {
    userId: cognitoSub(random),
    arrivedAtMs,
    leavesAtMs: arrivedAtMs + drawStayMs(random),
    device: drawDevice(random),
    locale: random.weighted(locales),
    ageBand: random.weighted(ageBands),
    ipAddress: drawAddress(random),
    updateLagMs: random.exponential(6 * dayMs),
    activity: random.lognormal(1, 0.8),
    signIn: random.chance(0.55) ? "google" : "email",
    taste: new Map(allGenres.map((genre) => [genre, random.lognormal(1, 0.3)])),
  };
}

/** Newcomers are curious: five times as eager on the first day as later on. @returns a weight for being picked */
export function eagernessOn(person: Person, atMs: number): number {
  return person.activity * (1 + 4 * Math.exp(-Math.max(0, atMs - person.arrivedAtMs) / (3 * dayMs)));
}

export function tasteFor(person: Person, title: Title): number {
  return title.genres.reduce((sum, genre) => sum + (person.taste.get(genre) ?? 1), 0) / title.genres.length;
}
