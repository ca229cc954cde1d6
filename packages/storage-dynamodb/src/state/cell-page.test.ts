import { measures } from "@trinity/aggregation/measure-catalogue";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CellChange, type CellPage, cellPageRef, cellPages } from "./cell-page.ts";

const anyVector = fc
  .array(
    fc.tuple(
      fc.nat({ max: 8_191 }),
      fc.integer({ min: -1_000, max: 1_000 }).filter((amount) => amount !== 0),
    ),
    { maxLength: 6 },
  )
  .map((entries) => new Map(entries));
const anyChange: fc.Arbitrary<CellChange> = fc.record({
  change: fc.constantFrom("add" as const, "set" as const),
  set: fc.constantFrom("vote", "vote/genre"),
  value: fc.constantFrom("", "comedy", "🎬"),
  vector: anyVector,
});
const contents = (page: CellPage) => [...page].map(([id, bytes]) => [id, [...bytes]]).sort();

test("a page reads back as it was written, and changes give the same content however they are split", () =>
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), fc.nat({ max: 12 }), (changes, cut) => {
      const all = cellPages.apply(cellPages.empty, changes);
      const half = cellPages.apply(cellPages.empty, changes.slice(0, cut));
      const before = contents(half);
      const stored = cellPages.decode(cellPages.encode(half));
      expect(contents(cellPages.apply(stored, changes.slice(cut)))).toEqual(contents(all));
      expect(contents(half)).toEqual(before);
    }),
    { numRuns: 200 },
  ));

test("a page whose cells were all subtracted is empty", () => {
  const add = { change: "add", set: "vote", value: "", vector: new Map([[0, 2]]) } as const;
  const page = cellPages.apply(cellPages.empty, [add, { ...add, vector: new Map([[0, -2]]) }]);
  expect(cellPages.isEmpty(page)).toBe(true);
});

test("cells stay in the table and partition that they were first written to", () => {
  const refs = measures
    .flatMap(({ sets }) => sets)
    .map(({ name }) => [name, cellPageRef({ set: name, tier: "day", bucketMs: 0 }, 0)] as const);
  const ownPages = refs.filter(([name, { pk }]) => pk === `day#0#${name}`).map(([name]) => name);
  const shared = refs.filter(([name]) => !ownPages.includes(name));
  const measuresIn = (table: string) =>
    [...new Set(refs.filter(([, ref]) => ref.table === table).map(([name]) => name.split("/")[0]))].sort();
  expect(shared.map(([, { pk }]) => pk)).toEqual(shared.map(([name]) => `day#0#${name.split("/")[0]}/*`));
  expect(measuresIn("system")).toEqual(["freshness", "ingest", "request", "resource"]);
  expect([...new Set(ownPages.map((name) => (/contentId|route|roomId/.test(name) ? "wide" : name.split("/")[0])))].sort()).toEqual([
    "new_user",
    "user_activity",
    "wide",
  ]);
});
