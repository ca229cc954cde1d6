import { expect, test } from "vitest";
import { pageOf } from "./chunk-page.ts";

/** The sizes of the chunks that a page takes, and of those that were read. */
function pageOfSizes(sizes: readonly number[], eventsMax: number) {
  const read: number[] = [];
  const chunks = sizes.map((events) => ({ events, read: () => (read.push(events), events) }));
  const page = pageOf(chunks, eventsMax);
  expect(read).toEqual(page);
  return page;
}

test.each([
  ["no chunks make an empty page", [], 10, []],
  ["a page is full at exactly its events", [4, 6, 1], 10, [4, 6]],
  ["a chunk that would exceed them ends the page, also before smaller ones", [4, 7, 1], 10, [4]],
  ["the first chunk is taken however large it is, and alone", [11, 1], 10, [11]],
  ["so is the first where nothing fits", [1, 1], 0, [1]],
  ["chunks without events count as one each", [0, 0, 0, 5], 3, [0, 0, 0]],
] as const)("%s; only what is taken is read", (_rule, sizes, eventsMax, taken) => {
  expect(pageOfSizes(sizes, eventsMax)).toEqual(taken);
});
