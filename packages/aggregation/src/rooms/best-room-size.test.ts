import { expect, test } from "vitest";
import { bestRoomSize } from "./best-room-size.ts";

const size = (roomSize: string, consensus: number, rooms: number) => ({ roomSize, consensus, rooms });

test("the best size has the highest posterior rate, and a single lucky room is none", () => {
  const found = bestRoomSize([size("2", 300, 400), size("3", 220, 400), size("4", 120, 400), size("8", 1, 1)]);
  expect(found?.best).toMatchObject({ roomSize: "2", consensus: 300, rooms: 400 });
  expect(found?.sizes.reduce((sum, { probabilityBest }) => sum + probabilityBest, 0)).toBeCloseTo(1, 4);
  for (const { value, interval } of found?.sizes ?? []) {
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
  }
});

test("rooms that did not say their size, and sizes without rooms, are left out", () => {
  expect(bestRoomSize([size("unknown", 9, 10), size("2", 1, 2), size("3", 0, 0)])?.sizes.map(({ roomSize }) => roomSize)).toEqual(["2"]);
  expect(bestRoomSize([size("unknown", 9, 10)])).toBeNull();
});
