import type { Weighted } from "./random.ts";

/** What people pick when they open a room: action, comedy and drama lead. */
export const genreDemand = [
  ["action", 28],
  ["comedy", 22],
  ["drama", 18],
  ["sci-fi", 15],
  ["horror", 10],
  ["romance", 7],
  ["thriller", 7],
  ["animation", 6],
  ["adventure", 5],
  ["fantasy", 5],
  ["crime", 5],
  ["mystery", 4],
  ["family", 3],
  ["documentary", 2],
] as const satisfies Weighted<string>;

export type Genre = (typeof genreDemand)[number][0];

export const allGenres: readonly Genre[] = genreDemand.map(([genre]) => genre);
