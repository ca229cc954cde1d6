import type { Value } from "./attribute-value.ts";

/**
 * The genres of TMDB by their number, in the vocabulary of all senders. Trinity's own names are Spanish, so they are not used.
 * The combined genres of series are split: one vocabulary for films and series.
 */
const genresById: ReadonlyMap<number, readonly string[]> = new Map([
  [28, ["action"]],
  [12, ["adventure"]],
  [16, ["animation"]],
  [35, ["comedy"]],
  [80, ["crime"]],
  [99, ["documentary"]],
  [18, ["drama"]],
  [10_751, ["family"]],
  [14, ["fantasy"]],
  [36, ["history"]],
  [27, ["horror"]],
  [10_402, ["music"]],
  [9_648, ["mystery"]],
  [10_749, ["romance"]],
  [878, ["sci-fi"]],
  [10_770, ["tv-movie"]],
  [53, ["thriller"]],
  [10_752, ["war"]],
  [37, ["western"]],
  [10_759, ["action", "adventure"]],
  [10_762, ["kids"]],
  [10_763, ["news"]],
  [10_764, ["reality"]],
  [10_765, ["sci-fi", "fantasy"]],
  [10_766, ["soap"]],
  [10_767, ["talk"]],
  [10_768, ["war", "politics"]],
]);

const known: ReadonlySet<string> = new Set([...genresById.values()].flat());

/** @param list numbers of TMDB, or the English names of G0. @returns undefined if none is known; an unknown genre is omitted */
export function genresOf(list: readonly Value[] | undefined): readonly string[] | undefined {
  const genres = new Set((list ?? []).flatMap(genresOfItem));
  return genres.size === 0 ? undefined : [...genres];
}

function genresOfItem(item: Value): readonly string[] {
  const number = typeof item === "string" && item !== "" ? Number(item) : item;
  if (typeof number === "number" && !Number.isNaN(number)) return genresById.get(number) ?? [];
  const name = String(item).toLowerCase().replace("science fiction", "sci-fi");
  return known.has(name) ? [name] : [];
}
