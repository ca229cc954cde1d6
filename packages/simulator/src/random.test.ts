import { expect, test } from "vitest";
import { cognitoSub, uuidV4, uuidV7 } from "./identifiers.ts";
import { Random } from "./random.ts";

const draws = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw);
const median = (values: readonly number[]) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a key always gives the same draws, on every machine", () => {
  const random = new Random(1, "room", 2);
  expect(draws(3, () => random.uint32())).toEqual([3207274364, 2666872697, 1039559269]);
});

test("keys that look alike give unrelated draws", () => {
  const firsts = draws(1_000, () => 0).map((_, index) => new Random(index).uint32());
  expect(new Set(firsts).size).toBe(1_000);
  expect(Math.abs(mean(firsts) / 2 ** 32 - 0.5)).toBeLessThan(0.05);
});

test("a lognormal draw has its median and its spread", () => {
  const random = new Random("lognormal");
  const values = draws(20_000, () => random.lognormal(4_000, 0.98)).toSorted((one, other) => one - other);
  expect(Math.abs(median(values) / 4_000 - 1)).toBeLessThan(0.05);
  expect(Math.abs((values[19_000] ?? 0) / 20_000 - 1)).toBeLessThan(0.1);
});

test("a Zipf draw stays in its range and prefers the first ranks as the law says", () => {
  const random = new Random("zipf");
  const ranks = draws(20_000, () => random.zipf(100, 0.8));
  expect(ranks.every((rank) => rank >= 0 && rank < 100)).toBe(true);
  const share = (rank: number) => ranks.filter((drawn) => drawn === rank).length / ranks.length;
  expect(share(0)).toBeGreaterThan(2 * share(4));
  expect(share(4)).toBeGreaterThan(share(60));
});

test("a weighted choice follows its weights and never takes what weighs nothing", () => {
  const random = new Random("weighted");
  const taken = draws(10_000, () =>
    random.weighted([
      ["a", 3],
      ["never", 0],
      ["b", 1],
    ]),
  );
  expect(Math.abs(taken.filter((value) => value === "a").length / 10_000 - 0.75)).toBeLessThan(0.02);
  expect(taken).not.toContain("never");
});

test("a shuffle keeps every value", () => {
  const values = draws(50, () => 0).map((_, index) => index);
  const shuffled = new Random("shuffle").shuffled(values);
  expect(shuffled).not.toEqual(values);
  expect(shuffled.toSorted((one, other) => one - other)).toEqual(values);
});

test("a UUIDv7 carries its time, and all ids have their form", () => {
  const random = new Random("ids");
  const atMs = Date.UTC(2026, 10, 22, 20, 15, 4, 120);
  for (const id of draws(200, () => uuidV7(atMs, random))) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(atMs);
  }
  for (const id of draws(200, () => uuidV4(random)))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(cognitoSub(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]0[0-9a-f]1-70[0-9a-f]{2}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
