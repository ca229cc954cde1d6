import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

const round = () => new Promise(setImmediate);

test("so many take their turn in each round of the event loop, in the order in which they asked", async () => {
  const turns = createTurns(3);
  const taken: number[] = [];
  for (let i = 0; i < 7; i++) void turns.next().then(() => taken.push(i));
  expect(taken).toEqual([]);
  const seen: number[] = [];
  for (let rounds = 0; rounds < 3; rounds++) {
    await round();
    seen.push(taken.length);
  }
  expect([seen, taken]).toEqual([
    [3, 6, 7],
    [0, 1, 2, 3, 4, 5, 6],
  ]);
});

test("one who asks again at once comes after all who wait", async () => {
  const turns = createTurns(1);
  const taken: string[] = [];
  void turns
    .next()
    .then(() => taken.push("a"))
    .then(() => turns.next())
    .then(() => taken.push("a again"));
  void turns.next().then(() => taken.push("b"));
  for (let rounds = 0; rounds < 6; rounds++) await round();
  expect(taken).toEqual(["a", "b", "a again"]);
});

test("a turn that is taken after all others have ended comes too", async () => {
  const turns = createTurns(2);
  await turns.next();
  await round();
  await expect(turns.next()).resolves.toBeUndefined();
});
