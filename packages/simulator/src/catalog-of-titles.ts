import { allGenres, type Genre, genreDemand } from "./genres.ts";
import { Random } from "./random.ts";

export type MediaType = "movie" | "tv";

/** An invented film or series. */
export type Title = {
  readonly contentId: string;
  readonly mediaType: MediaType;
  readonly genres: readonly Genre[];
  readonly releaseYear: number;
  /** Factor on how likely anybody is to like it; median 1. */
  readonly quality: number;
};

/** Titles of one media type, most popular first. */
type Shelf = { readonly all: readonly Title[]; readonly byGenre: ReadonlyMap<Genre, readonly Title[]> };
export type TitleCatalog = Readonly<Record<MediaType, Shelf>>;

const shelfSize: Readonly<Record<MediaType, number>> = { movie: 2_400, tv: 900 };
const newestYear = 2026;

function inventTitle(mediaType: MediaType, number: number, random: Random): Title {
  const genres = new Set<Genre>();
  const wanted = random.weighted([
    [1, 20],
    [2, 50],
    [3, 30],
  ]);
  while (genres.size < wanted) genres.add(random.chance(0.8) ? random.weighted(genreDemand) : random.pick(allGenres));
  return {
    contentId: `${mediaType}:${number}`,
    mediaType,
    genres: [...genres],
    releaseYear: Math.max(1950, newestYear - Math.floor(random.exponential(12))),
    quality: random.lognormal(1, 0.3),
  };
}

function fillShelf(mediaType: MediaType, random: Random): Shelf {
  // Films and series are numbered separately from the same start, so many numbers name one of each.
  const numbers = random.shuffled(Array.from({ length: shelfSize[mediaType] }, (_, index) => 11 + index * 3));
  const all = numbers.map((number) => inventTitle(mediaType, number, random));
  const byGenre = new Map(allGenres.map((genre) => [genre, all.filter((title) => title.genres.includes(genre))]));
  return { all, byGenre };
}

/** The same seed invents the same titles. */
export function inventTitles(seed: number): TitleCatalog {
  return { movie: fillShelf("movie", new Random(seed, "movies")), tv: fillShelf("tv", new Random(seed, "series")) };
}
