import { expect, test } from "vitest";
import { inventTitles } from "./catalog-of-titles.ts";
import { allGenres } from "./genres.ts";
import { Random } from "./random.ts";
import { chooseRoomTitles, emergencyTitles } from "./room-titles.ts";

const catalog = inventTitles(1);

test("films and series share numbers, so a number alone names no title", () => {
  const numbers = (ids: readonly { contentId: string }[]) => ids.map(({ contentId }) => contentId.split(":")[1]);
  const films = new Set(numbers(catalog.movie.all));
  expect(numbers(catalog.tv.all).filter((number) => films.has(number)).length).toBeGreaterThan(500);
});

test.each([0, 1, 2])("a room with %i genres gets fifty distinct titles of its media type, in tiers that keep their word", (count) => {
  for (let seed = 0; seed < 20; seed++) {
    const chosen = new Random(seed).shuffled(allGenres).slice(0, count);
    const list = chooseRoomTitles(catalog, "tv", chosen, new Random(seed, "list"));
    expect(new Set(list.map(({ title }) => title.contentId)).size).toBe(50);
    expect(list.every(({ title }) => title.mediaType === "tv")).toBe(true);
    for (const { title, tier } of list) {
      if (tier === 1) expect(chosen.filter((genre) => !title.genres.includes(genre))).toEqual([]);
      if (tier === 2) expect(chosen.some((genre) => title.genres.includes(genre))).toBe(true);
    }
    if (count === 0) expect(new Set(list.map(({ tier }) => tier))).toEqual(new Set([3]));
  }
});

test("the emergency list has 49 distinct titles", () => {
  expect(new Set(emergencyTitles(catalog).map(({ title }) => title.contentId)).size).toBe(49);
});
