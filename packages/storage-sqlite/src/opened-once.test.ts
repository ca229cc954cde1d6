import { StoreUnavailableError } from "@trinity/storage/event-store";
import { expect, test } from "vitest";
import { openedOnce } from "./opened-once.ts";

function setUp() {
  const closed: number[] = [];
  let opened = 0;
  let failure: Error | null = null;
  const once = openedOnce(
    () => {
      if (failure !== null) throw failure;
      return ++opened;
    },
    (value) => {
      closed.push(value);
      if (value === 3) throw new Error("cannot be closed");
    },
  );
  return { once, closed, opened: () => opened, failWith: (error: Error | null) => void (failure = error) };
}

test("it is opened when it is first needed, once, and closed once", async () => {
  const { once, closed, opened } = setUp();
  expect(opened()).toBe(0);
  expect([once.get(), once.get()]).toEqual([1, 1]);
  await once.close();
  await once.close();
  expect([closed, opened()]).toEqual([[1], 1]);
});

test("an opening that failed is tried again the next time", () => {
  const { once, failWith } = setUp();
  failWith(new Error("disk full"));
  expect(() => once.get()).toThrow("disk full");
  failWith(null);
  expect(once.get()).toBe(1);
});

test("what is reopened is closed, and opened anew when it is next needed; what cannot be closed is let go", async () => {
  const { once, closed, opened } = setUp();
  once.reopen();
  expect([closed, opened()]).toEqual([[], 0]);
  for (const value of [1, 2, 3, 4]) {
    expect(once.get()).toBe(value);
    once.reopen();
    expect(closed.at(-1)).toBe(value);
  }
  await once.close();
  expect(closed).toEqual([1, 2, 3, 4]);
});

test("what was never needed is not closed, and once closed nothing is opened any more", async () => {
  const { once, closed, opened } = setUp();
  await once.close();
  expect(() => once.get()).toThrow(StoreUnavailableError);
  expect([closed, opened()]).toEqual([[], 0]);
});
