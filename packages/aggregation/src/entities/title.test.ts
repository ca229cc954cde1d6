import { expect, test } from "vitest";
import { storedEvent, vote } from "../stored-event.testing.ts";
import { contributionsOfTitle, mergeTitle, type Title } from "./title.ts";

const at = (hour: string) => `2026-11-20T${hour}:00:00Z`;
const shown = (hour: string) => storedEvent({ at: at(hour), eventType: "title_shown", properties: { contentId: "movie:862" } });
const described = (hour: string, genres: readonly string[]) => vote({ at: at(hour) }, { genres, releaseYear: 1995 });

const titleOf = (...events: ReturnType<typeof shown>[]) => events.reduce<Title | undefined>(mergeTitle, undefined) as Title;

test("a title is discovered once, by the first event about it", () => {
  expect(contributionsOfTitle(titleOf(shown("12"), shown("10"), shown("11")))).toMatchObject([
    { measure: "title_discovery", atMs: Date.parse(at("10")), amounts: [0, 1] },
  ]);
});

test("a title is as the first event that lists genres describes it, though others came earlier", () => {
  const events = [shown("10"), described("11", ["animation"]), described("12", ["horror"])];
  const expected = { contentId: "movie:862", genre: ["animation"], mediaType: "movie", releaseDecade: "1990s" };
  expect(titleOf(...events).dimensions).toEqual(expected);
  expect(titleOf(...events.toReversed())).toEqual(titleOf(...events));
});

test("a title that nobody described is known by its id, which says whether it is a film or a series", () => {
  expect(titleOf(shown("10")).dimensions).toEqual({ contentId: "movie:862", mediaType: "movie" });
});

test("a genre that is listed twice is one genre, and an empty list describes a title without one", () => {
  expect(titleOf(described("10", ["drama", "drama"])).dimensions.genre).toEqual(["drama"]);
  expect(titleOf(described("10", []), described("11", ["drama"])).dimensions.genre).toEqual([]);
});
