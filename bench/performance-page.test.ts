import { expect, test } from "vitest";
import { type Figure, figuresTable, withFigures } from "./performance-page.ts";

const figure: Figure = {
  section: "ingest",
  name: "rate",
  unit: "of the peer",
  better: "more",
  owed: { owed: 0.6, goal: 1 },
  runs: [0.3, 0.7, 0.65],
  measured: "2026-11-30, CPU",
};
const lastRow = (changes: Partial<Figure>) =>
  figuresTable([{ ...figure, ...changes }])
    .split("\n")
    .at(-1);

test("a row has the median, the spread and whether it is enough", () => {
  expect(lastRow({})).toBe("| `ingest` | rate | of the peer | **0.65** (0.30 to 0.70) | 0.6 | 1 | owed | 2026-11-30, CPU |");
  expect(lastRow({ runs: [1] })).toContain("| **1.00** | 0.6 | 1 | goal |");
  expect(lastRow({ runs: [0.59] })).toContain("| no |");
});

test("where less is better, the bounds hold from above", () => {
  const ms = { better: "less", owed: { owed: 100, goal: 50 } } as const;
  expect(lastRow({ ...ms, runs: [100] })).toContain("| owed |");
  expect(lastRow({ ...ms, runs: [101] })).toContain("| no |");
  expect(lastRow({ ...ms, runs: [50] })).toContain("| goal |");
});

test("a number that is only watched is neither", () => {
  expect(lastRow({ owed: null })).toContain("|  |  |  |");
});

test("the page keeps what stands around the figures", () => {
  const marks = ["<!-- figures: written by `npm run bench -- performance` -->", "<!-- end of figures -->"];
  const text = `# Before\n\n${marks[0]}\nold\n${marks[1]}\n\nAfter\n`;
  const written = withFigures(text, [figure]);
  expect(written).toMatch(/^# Before\n\n<!--/);
  expect(written).toMatch(/-->\n\nAfter\n$/);
  expect(written).not.toContain("old");
  expect(withFigures(written, [figure])).toBe(written);
  expect(() => withFigures("# Nothing", [figure])).toThrow("needs the lines");
});
