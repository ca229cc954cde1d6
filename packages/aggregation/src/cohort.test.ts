import { expect, test } from "vitest";
import { parseCohort } from "./cohort.ts";

test.each<[string, string, string]>([
  ["2026-11", "2026-11-01", "2026-12-01"],
  ["2024-02", "2024-02-01", "2024-03-01"],
  ["2026-W48", "2026-11-23", "2026-11-30"],
  ["2026-W01", "2025-12-29", "2026-01-05"],
  ["2020-W53", "2020-12-28", "2021-01-04"],
])("%s is from %s up to %s", (text, from, to) => {
  expect(parseCohort(text)).toEqual({ fromMs: Date.parse(from), toMs: Date.parse(to) });
});

test.each(["2026", "2026-13", "2026-00", "2026-W00", "2026-W54", "2021-W53", "2026-1", "november"])("%s names no cohort", (text) => {
  expect(parseCohort(text)).toBeNull();
});
