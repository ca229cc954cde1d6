import { expect, test } from "vitest";
import { formatPropertyTable, propertyRows } from "./property-table.ts";
import type { TestResult } from "./test-results.ts";

const property = (number: number, status: TestResult["status"], propertyRuns?: number): TestResult => {
  const title = `Feature: analytics-system, Property ${number}: a title`;
  return { title, fullName: `fold ${title}`, status, ...(propertyRuns === undefined ? {} : { meta: { propertyRuns } }) };
};
const rowsOf = (...assertionResults: TestResult[]) =>
  propertyRows({ success: true, testResults: [{ name: "a", status: "passed", message: "", assertionResults }] });

test("all ten properties have a row, and one without a test is not yet there", () => {
  const rows = rowsOf(property(2, "passed", 100));
  expect(rows.map((row) => row.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(rows.map((row) => row.outcome === "not yet")).toEqual([true, false, ...Array.from({ length: 8 }, () => true)]);
});

test("a property passes when all its tests do, and shows the fewest runs", () => {
  expect(rowsOf(property(2, "passed", 500), property(2, "passed", 100))[1]).toMatchObject({ tests: 2, runs: 100, outcome: "pass" });
  expect(rowsOf(property(2, "passed", 500), property(2, "failed", 3))[1]).toMatchObject({ tests: 2, outcome: "fail" });
});

test("a property that tried fewer than 100 inputs does not pass", () => {
  expect(rowsOf(property(3, "passed", 99))[2]?.outcome).toBe("too few runs");
  expect(rowsOf(property(3, "passed"))[2]?.outcome).toBe("too few runs");
});

test("property 10 is not mistaken for property 1", () => {
  const rows = rowsOf(property(10, "passed", 100));
  expect([rows[0]?.tests, rows[9]?.tests]).toEqual([0, 1]);
});

test("a test left out by the filter is not counted", () => {
  expect(rowsOf(property(4, "skipped"))[3]?.outcome).toBe("not yet");
});

test("the table has a heading and a line for each property", () => {
  const [heading, first, ...rest] = formatPropertyTable(rowsOf(property(1, "passed", 200))).split("\n");
  expect(heading).toBe(" N  property                          tests    runs  outcome");
  expect(first).toBe(" 1  event tracking completeness           1     200  pass");
  expect(rest).toHaveLength(9);
});
