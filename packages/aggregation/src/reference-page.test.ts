import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clockDimensions } from "./dimension.ts";
import { dimensionsOfMetric } from "./metric.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { renderReferencePage } from "./reference-page.ts";

test("docs/metrics.md is up to date with the catalogue (npm run reference -w @trinity/aggregation)", () => {
  expect(readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8")).toBe(renderReferencePage());
});

test("every metric has a section with its definition and a name for each of its dimensions", () => {
  const sections = new Map(
    renderReferencePage()
      .split("\n### ")
      .map((section) => [section.slice(0, section.indexOf("\n")), section]),
  );
  for (const metric of metricCatalogue) {
    expect(sections.get(metric.name)).toContain(metric.definition);
    for (const dimension of dimensionsOfMetric(metric).filter((name) => !clockDimensions.has(name)))
      expect(sections.get(metric.name)).toContain(`\`${dimension}\``);
  }
});
