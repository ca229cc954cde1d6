import type { MediaType, TitleCatalog } from "./catalog-of-titles.ts";
import type { DefectRates } from "./defects.ts";
import { type Genre, genreDemand } from "./genres.ts";
import { uuidV4 } from "./identifiers.ts";
import type { Random, Weighted } from "./random.ts";
import { chooseRoomTitles, emergencyTitles, type RoomTitle } from "./room-titles.ts";

/** How many people a host invites, host included: most rooms are for two. */
export const seatShares = [
  [2, 55],
  [3, 20],
  [4, 15],
  [5, 6],
  [6, 4],
] as const satisfies Weighted<number>;
export const tvShare = 0.25;
const genreCountShares = [
  [0, 20],
  [1, 35],
  [2, 45],
] as const satisfies Weighted<number>;
/** The app lets three genres be picked; the back end rejects more than two. */
const thirdGenreShare = 0.05;
const aiShare = 0.15;

/** What is settled when a room opens. */
export type RoomPlan = {
  readonly roomId: string;
  /** Likes that a match needs. */
  readonly seats: number;
  readonly mediaType: MediaType;
  readonly genres: readonly Genre[];
  readonly isPrivate: boolean;
  readonly asksForThirdGenre: boolean;
  readonly asksAi: boolean;
  readonly titles: readonly RoomTitle[];
  /** How each title of the list strikes this group; median 1. It is what makes members agree. */
  readonly mood: readonly number[];
  /** Content ids that a recommender proposed. */
  readonly recommended: ReadonlySet<string>;
  /** Only likes are stored, and only the table stream reports them. */
  readonly likeOnly: boolean;
  readonly seatsMissing: boolean;
  readonly test: boolean;
};

function drawGenres(random: Random): readonly Genre[] {
  const wanted = random.weighted(genreCountShares);
  const genres = new Set<Genre>();
  while (genres.size < wanted) genres.add(random.weighted(genreDemand));
  return [...genres];
}

export function planRoom(catalog: TitleCatalog, defects: DefectRates, random: Random): RoomPlan {
  const emergency = random.chance(defects.emergencyListRooms);
  const test = random.chance(defects.testRooms);
  // The emergency list has only films.
  const mediaType: MediaType = random.chance(tvShare) && !emergency ? "tv" : "movie";
  const genres = drawGenres(random);
  const asksAi = random.chance(aiShare);
  const seatsMissing = random.chance(defects.missingSeatsRooms);
  const titles = emergency ? emergencyTitles(catalog) : chooseRoomTitles(catalog, mediaType, genres, random);
  return {
    roomId: test ? `test-${uuidV4(random)}` : uuidV4(random),
    // Without a capacity the back end assumes two.
    seats: seatsMissing ? 2 : random.weighted(seatShares),
    mediaType,
    genres,
    isPrivate: random.chance(0.1),
    asksForThirdGenre: genres.length === 2 && random.chance(thirdGenreShare / 0.45),
    asksAi,
    titles,
    mood: titles.map(() => random.lognormal(1, 0.28)),
    recommended: new Set(
      asksAi
        ? random
            .shuffled(titles)
            .slice(0, 8)
            .map(({ title }) => title.contentId)
        : [],
    ),
    likeOnly: random.chance(defects.likeOnlyRooms),
    seatsMissing,
    test,
  };
}
