import { expect, test } from "vitest";
import { delays } from "./freshness.ts";

test("a delay lasts until the first total that has the events", () => {
  const shown = [
    { atMs: 100, events: 0 },
    { atMs: 120, events: 50 },
    { atMs: 140, events: 100 },
    { atMs: 160, events: 300 },
  ];
  const acknowledged = [
    { atMs: 101, events: 50 },
    { atMs: 115, events: 60 },
    { atMs: 145, events: 100 },
    { atMs: 150, events: 300 },
  ];
  expect(delays(acknowledged, shown)).toEqual([19, 25, 0, 10]);
});
