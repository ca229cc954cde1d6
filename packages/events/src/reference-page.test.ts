import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { renderReferencePage } from "./reference-page.ts";

test("docs/events.md is up to date with the catalogue (npm run reference -w @trinity/events)", () => {
  expect(readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8")).toBe(renderReferencePage());
});

test("every event type has a section with a row for each of its properties", () => {
  const sections = new Map(
    renderReferencePage()
      .split("\n### ")
      .map((section) => [section.slice(0, section.indexOf("\n")), section]),
  );
  for (const { eventType, fields } of catalogue) {
    const rows = Object.keys(fields).filter((name) => sections.get(eventType)?.includes(`| \`${name}\` |`));
    expect(rows).toEqual(Object.keys(fields));
  }
});
