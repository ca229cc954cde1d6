import type { StateRow, StateRowKey } from "@trinity/storage/state-row";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { type ComparedPage, compareState, type Reconcile, repairNothing } from "./compare-state.ts";
import { type Throttle, unthrottled } from "./replay.ts";

const hourMs = 3_600_000;

/** The cell of the nth hour since 1970. */
function cell(n: number): StateRowKey {
  return { table: "cell", set: "event", tier: "hour", bucketMs: n * hourMs, value: "" };
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const cells = (...hours: readonly number[]) => hours.map((n): StateRow => ({ key: cell(n), content: `[[0,${100 + n}]]` }));
const title = (key: string, content = "{}"): StateRow => ({ key: { table: "entity", kind: "title", key }, content });

/** A store with these rows besides its watermark. */
async function storeOf(rows: readonly StateRow[]) {
  const store = openMemoryStore();
  const repairs = rows.map(({ key, content }) => ({ key, stored: null, derived: content }));
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs });
  return store;
}

type Comparison = { readonly stored: readonly StateRow[]; readonly derived: readonly StateRow[]; readonly frozenBeforeMs?: number };

/** The pages of a comparison of a store's rows with derived ones. */
async function pagesOf(
  { stored, derived, frozenBeforeMs = 0 }: Comparison,
  reconcile: Reconcile = repairNothing,
  throttle: Throttle = unthrottled,
) {
  const store = await storeOf(stored);
  const frozen = { ...store, readVerification: async () => ({ ...(await store.readVerification()), frozenBeforeMs }) };
  const pages: ComparedPage[] = [];
  const replay = { derived: await storeOf(derived), catchUp: async () => {} };
  for await (const page of compareState(frozen, replay, throttle, reconcile)) pages.push(page);
  return pages;
}

/** The totals of a comparison: how many cells, what differs, and which hours match. */
async function comparisonOf(comparison: Comparison) {
  const pages = await pagesOf(comparison);
  const checks = pages.flatMap((page) => page.checks);
  return {
    pages: pages.length,
    cells: pages.reduce((sum, { compared }) => sum + compared.cell, 0),
    differences: pages.flatMap(({ differences }) => differences),
    matches: checks.filter(({ matches }) => matches).map(({ bucketMs }) => bucketMs / hourMs),
    wrong: checks.filter(({ matches }) => !matches).map(({ bucketMs }) => bucketMs / hourMs),
  };
}

/** The comparison of two lists of hours whose common rows are equal. */
async function comparisonOfHours(stored: readonly number[], derived: readonly number[]) {
  const { differences, ...seen } = await comparisonOf({ stored: cells(...stored), derived: cells(...derived) });
  return { ...seen, differing: differences.map(({ key, stored, derived }) => [key, stored !== null, derived !== null]) };
}

test.each([
  ["the same in both", numbers(0, 2_500), numbers(0, 2_500)],
  ["only the watermark", [], []],
  ["a store that lacks its beginning", numbers(100, 2_500), numbers(0, 2_500)],
  ["a store that has a beginning of which the log knows nothing", numbers(0, 2_500), numbers(100, 2_500)],
  ["a store that lacks its end", numbers(0, 900), numbers(0, 2_500)],
  ["a store that has an end of which the log knows nothing", numbers(0, 2_500), numbers(0, 900)],
  ["an empty store", [], numbers(0, 1_500)],
  ["a store of which the log knows nothing", numbers(0, 1_500), []],
  ["two that take turns", numbers(0, 1_500).map((n) => 2 * n), numbers(0, 1_500).map((n) => 2 * n + 1)],
  ["pages that are full to the last row", numbers(0, 999), numbers(0, 1_999)],
])("%s: page by page each row is compared once, on whichever side it is", async (_what, stored, derived) => {
  const all = [...new Set([...stored, ...derived])].sort((a, b) => a - b);
  const isIn = (list: readonly number[]) => {
    const set = new Set(list);
    return (n: number) => set.has(n);
  };
  const [isStored, isDerived] = [isIn(stored), isIn(derived)];
  const isWrong = (n: number) => isStored(n) !== isDerived(n);
  expect(await comparisonOfHours(stored, derived)).toMatchObject({
    cells: all.length,
    differing: all.filter(isWrong).map((n) => [cell(n), isStored(n), isDerived(n)]),
    matches: all.filter((n) => !isWrong(n)),
    wrong: all.filter(isWrong),
  });
});

test("a page has at most a thousand rows of each side, including the watermark", async () => {
  for (const [hours, pages] of [
    [998, 1],
    [999, 2],
    [1_998, 2],
    [1_999, 3],
  ] as const) {
    expect(await comparisonOfHours(numbers(0, hours), numbers(0, hours)), `${hours} cells`).toMatchObject({ pages, cells: hours });
  }
});

test("a row that differs is reported with both contents, and rows are counted by table", async () => {
  const derived = [title("movie:1"), title("movie:2"), ...cells(1, 2, 3)];
  const stored = [title("movie:1"), title("movie:2", '{"a":1}'), ...cells(1), { key: cell(2), content: "[[0,9]]" }, ...cells(3)];
  const pages = await pagesOf({ stored, derived });
  expect(pages).toMatchObject([{ compared: { mark: 1, entity: 2, index: 0, cell: 3 } }]);
  expect(pages[0]?.differences).toEqual([
    { key: title("movie:2").key, stored: '{"a":1}', derived: "{}" },
    { key: cell(2), stored: "[[0,9]]", derived: "[[0,102]]" },
  ]);
});

test("while nothing is frozen everything is compared, also cells that a damaged key puts before 1970", async () => {
  const stored = cells(-2, -1, 0);
  expect(await comparisonOf({ stored, derived: cells(0) })).toMatchObject({
    differences: [{ key: cell(-2) }, { key: cell(-1) }],
    matches: [0],
    wrong: [-2, -1],
  });
});

test("cells that end at or before the instant of freezing are not compared; all others are", async () => {
  const stored = [title("movie:1", '{"a":1}'), ...cells(1, 2, 3, 4)];
  const found = await comparisonOf({ stored, derived: [title("movie:1")], frozenBeforeMs: 3 * hourMs });
  expect(found).toMatchObject({ matches: [], wrong: [3, 4] });
  expect(found.differences.map(({ key }) => key)).toEqual([title("movie:1").key, cell(3), cell(4)]);
});

test("a page that must be compared again is read again after a pause, and yielded once it was reconciled", async () => {
  const [log, reconciled]: [string[], string[]] = [[], []];
  const reconcile: Reconcile = async (page) => {
    reconciled.push(...page.differences.map(({ derived }) => `${derived}`));
    log.push("settle");
    return log.filter((entry) => entry === "settle").length < 3 ? "compare again" : repairNothing(page);
  };
  const pages = await pagesOf({ stored: [], derived: cells(1) }, reconcile, async () => void log.push("rest"));
  expect([log, reconciled]).toEqual([
    ["settle", "rest", "settle", "rest", "settle", "rest"],
    ["[[0,101]]", "[[0,101]]", "[[0,101]]"],
  ]);
  expect(pages).toHaveLength(1);
});

test("repaired rows match as of the revision of the repair, and the others are reported", async () => {
  const reconcile: Reconcile = async ({ differences }) => ({ unresolved: differences.slice(1), revision: 77 });
  const [page] = await pagesOf({ stored: [], derived: cells(1, 2) }, reconcile);
  expect(page?.differences.map(({ key }) => key)).toEqual([cell(2)]);
  expect(page?.checks.map(({ bucketMs, matches, revision }) => [bucketMs / hourMs, matches, revision])).toEqual([
    [1, true, 77],
    [2, false, 77],
  ]);
});
