import { expect, test } from "vitest";
import { type Mutant, mutantsOf, mutantTable, type StrykerReport, summariesOf, unexplainedOf, wrongExplanations } from "./mutant-report.ts";

const source = "function isFull(n) {\n  return n >= 9;\n}\n";
const place = { start: { line: 2, column: 10 }, end: { line: 2, column: 16 } };

function reportOf(...statuses: ("Killed" | "Survived" | "Timeout" | "NoCoverage" | "Ignored")[]): StrykerReport {
  const mutants = statuses.map((status, i) => ({ mutatorName: "EqualityOperator", replacement: `n > ${i}`, status, location: place }));
  return { files: { "limit.ts": { source, mutants } } };
}

const explanation = { file: "limit.ts", at: "return n >= 9;", original: "n >= 9", replacement: "n > 0", why: "n is never 9 here" };

test("a mutant carries the text it replaced and the line that it begins on", () => {
  expect(mutantsOf(reportOf("Killed"))).toEqual([
    {
      file: "limit.ts",
      line: 2,
      at: "return n >= 9;",
      mutator: "EqualityOperator",
      original: "n >= 9",
      replacement: "n > 0",
      status: "Killed",
    },
  ]);
});

test("text over several lines is compared on one", () => {
  const long = { start: { line: 1, column: 20 }, end: { line: 3, column: 2 } };
  const mutants = [{ mutatorName: "BlockStatement", replacement: "{}", status: "Killed" as const, location: long }];
  expect(mutantsOf({ files: { "limit.ts": { source, mutants } } })[0]?.original).toBe("{ return n >= 9; }");
});

test("a mutant that survived or that no test reached is unexplained unless an explanation names it", () => {
  const mutants = mutantsOf(reportOf("Survived", "NoCoverage", "Killed", "Timeout", "Ignored"));
  expect(unexplainedOf(mutants, []).map(({ replacement }) => replacement)).toEqual(["n > 0", "n > 1"]);
  expect(unexplainedOf(mutants, [explanation]).map(({ replacement }) => replacement)).toEqual(["n > 1"]);
});

test("an explanation applies only to the line that it names", () => {
  const elsewhere = { ...explanation, at: "while (n >= 9) n--;" };
  expect(unexplainedOf(mutantsOf(reportOf("Survived")), [elsewhere])).toHaveLength(1);
});

test("an explanation of a fault that is noticed now, or is no longer planted, is wrong", () => {
  expect(wrongExplanations(mutantsOf(reportOf("Killed")), [explanation])).toEqual([explanation]);
  expect(wrongExplanations(mutantsOf(reportOf("Survived")), [{ ...explanation, at: "return n >= 10;" }])).toHaveLength(1);
  expect(wrongExplanations(mutantsOf(reportOf("Survived")), [explanation])).toEqual([]);
});

test("an explanation that matches two lines of a file is wrong, even if both survived", () => {
  const [mutant] = mutantsOf(reportOf("Survived")) as [Mutant];
  expect(wrongExplanations([mutant, { ...mutant, line: 7 }], [explanation])).toEqual([explanation]);
  expect(wrongExplanations([mutant, mutant], [explanation])).toEqual([]);
});

test("an explanation is wrong when one of two equal faults on its line is noticed", () => {
  const [mutant] = mutantsOf(reportOf("Survived")) as [Mutant];
  expect(wrongExplanations([mutant, { ...mutant, status: "Killed" }], [explanation])).toEqual([explanation]);
});

test("an explanation of a file that was not mutated in this run is not wrong", () => {
  expect(wrongExplanations([], [explanation])).toEqual([]);
});

test("the table counts every mutant once and omits those that were not tried", () => {
  const summaries = summariesOf(mutantsOf(reportOf("Survived", "NoCoverage", "Killed", "Timeout", "Ignored")), [explanation]);
  expect(summaries).toEqual([{ file: "limit.ts", mutants: 4, killed: 1, timedOut: 1, explained: 1, survived: 1 }]);
  expect(mutantTable(summaries).split("\n").at(-1)).toBe("| all | 4 | 1 | 1 | 1 | 1 |");
});
