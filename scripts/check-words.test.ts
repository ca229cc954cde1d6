import { expect, test } from "vitest";
import { wordViolations } from "./check-words.ts";

const of = (text: string) => wordViolations("packages/a/src/module.ts", text);

test.each([
  "const tally = 1;",
  "type AmountTally = 1;",
  "class A { #foldMark = 1; }",
  "const a = { settlesAhead: true };",
  "export const UNPACED = 1;",
])("a retired word is refused in every kind of name: %s", (text) => expect(of(text)).toHaveLength(1));

test("a word is retired as a word, not as a sequence of letters", () => {
  expect(of("const totally = 1; const markdown = 2; const bookmark = 3; const part = 4;")).toEqual([]);
});

test("texts and comments are not names", () => {
  expect(of('// a tally\nconst a = "the outline";')).toEqual([]);
});

test("a name is reported once, with its first line and the word to use", () => {
  expect(of("const a = 1;\nconst tally = a;\nexport const b = tally;")).toEqual([
    'packages/a/src/module.ts:2: tally: "tally" is a retired word: say "accumulator"',
  ]);
});

test("file names are names", () => {
  expect(wordViolations("packages/a/src/shard-crew.test.ts", "")).toEqual([
    'packages/a/src/shard-crew.test.ts:1: "crew" is a retired word: say "consumers"',
  ]);
});
