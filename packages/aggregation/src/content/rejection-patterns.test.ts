import { expect, test } from "vitest";
import { vote } from "../stored-event.testing.ts";
import { PositionAccumulator, rejectionPatterns } from "./rejection-patterns.ts";

const rangeOfAll = { fromMs: 0, toMs: 1_000 };
const room = (roomId: string, rejected: boolean, ...genres: string[]) => ({
  roomId,
  rejected,
  titles: genres.map((genre, i) => ({ contentId: `movie:${i}`, dimensions: { genre: [genre], mediaType: "movie" } })),
});

test("titles are counted once for each room, and what rooms without consensus have more of is found", () => {
  const rooms = [
    room("a", true, "horror", "horror"),
    room("b", true, "horror", "comedy"),
    room("c", false, "comedy", "comedy", "drama"),
    room("d", false),
  ];
  const { rejected, accepted, patterns } = rejectionPatterns(rooms, null);
  expect([rejected, accepted]).toEqual([4, 3]);
  expect(patterns.map(({ attribute, value }) => `${attribute} ${value}`)).toEqual(["genre horror"]);
  expect(patterns[0]).toMatchObject({ lift: null, among: { numerator: 3, denominator: 4 }, others: { numerator: 0, denominator: 3 } });
});

test("the position is that of the first vote on the title in the room, in bands", () => {
  const accumulator = new PositionAccumulator(new Set(["a"]), rangeOfAll);
  const voted = (at: number, contentId: string, position?: number, roomId = "a") =>
    accumulator.add(vote({ at, roomId }, { contentId, ...(position === undefined ? {} : { position }) }));
  voted(5, "movie:1", 60);
  voted(3, "movie:1", 4);
  voted(4, "movie:1", 30);
  voted(1, "movie:2", 5);
  voted(1, "movie:3", 19);
  voted(1, "movie:4", 77);
  voted(1, "movie:5");
  voted(1, "movie:6", 1, "b");
  expect(["1", "2", "3", "4", "5", "6"].map((id) => accumulator.bandOf("a", `movie:${id}`))).toEqual([
    "0-4",
    "5-9",
    "10-19",
    "50+",
    "unknown",
    "unknown",
  ]);
});

test("positions are an attribute like others where they were looked up", () => {
  const rooms = [room("a", true, "horror"), room("b", false, "horror")];
  const { patterns } = rejectionPatterns(rooms, (roomId) => (roomId === "a" ? "20-49" : "0-4"));
  expect(patterns.map(({ attribute, value }) => `${attribute} ${value}`)).toEqual(["position 20-49"]);
});
