import type { MediaType, Title, TitleCatalog } from "./catalog-of-titles.ts";
import type { Genre } from "./genres.ts";
import type { Random } from "./random.ts";

/** A title in a room's list; `tier` 1 has all chosen genres, 2 any of them, 3 fills up with what is popular. */
export type RoomTitle = { readonly title: Title; readonly tier: 1 | 2 | 3 };

export const titlesPerRoom = 50;
/** Five result pages of twenty: further down the room service never looks. */
const tierDepth = 100;

function candidatesOf(catalog: TitleCatalog, mediaType: MediaType, chosen: readonly Genre[], tier: 1 | 2 | 3): readonly Title[] {
  const { all, byGenre } = catalog[mediaType];
  const [first] = chosen;
  if (tier === 3) return all;
  if (first === undefined) return [];
  if (tier === 1) return (byGenre.get(first) ?? []).filter((title) => chosen.every((genre) => title.genres.includes(genre)));
  return all.filter((title) => chosen.some((genre) => title.genres.includes(genre)));
}

/**
 * The list that every member of a room walks: popular titles are drawn more often (Zipf), the order is shuffled once.
 * @returns exactly 50 distinct titles
 */
export function chooseRoomTitles(
  catalog: TitleCatalog,
  mediaType: MediaType,
  chosen: readonly Genre[],
  random: Random,
): readonly RoomTitle[] {
  const list = new Map<string, RoomTitle>();
  for (const tier of [1, 2, 3] as const) {
    const candidates = candidatesOf(catalog, mediaType, chosen, tier).slice(0, tierDepth);
    const add = (title: Title | undefined) => {
      if (title !== undefined && list.size < titlesPerRoom && !list.has(title.contentId)) list.set(title.contentId, { title, tier });
    };
    for (let draw = 0; draw < 2 * tierDepth; draw++) add(candidates[random.zipf(candidates.length, 0.8)]);
    candidates.forEach(add);
  }
  return random.shuffled([...list.values()]);
}

/**
 * What the room service falls back to when everything else fails: a fixed list of 50 entries that names one title twice,
 * so that no member can answer 50 titles.
 */
export function emergencyTitles(catalog: TitleCatalog): readonly RoomTitle[] {
  return catalog.movie.all.slice(0, titlesPerRoom - 1).map((title) => ({ title, tier: 3 }));
}
