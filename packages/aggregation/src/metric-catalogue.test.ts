import { expect, test } from "vitest";
import { measures } from "./measure-catalogue.ts";
import { roomMilestoneMeasure } from "./measures/room-measures.ts";
import { measuresOfMetric } from "./metric.ts";
import { findMetric, metricCatalogue } from "./metric-catalogue.ts";

test("a metric is found by its name, and no two metrics have the same name", () => {
  expect(metricCatalogue.map(({ name }) => findMetric(name))).toEqual(metricCatalogue);
  expect(findMetric("happiness")).toBeUndefined();
});

test("no two dimension sets have the same name, because it identifies their cells", () => {
  const names = measures.flatMap(({ sets }) => sets.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});

test("every metric reads measures of the catalogue, and every measure is read by a metric or lists rooms by time", () => {
  const read = metricCatalogue.flatMap((metric) => measuresOfMetric(metric).map(({ name }) => name));
  expect(new Set([...read, roomMilestoneMeasure.name])).toEqual(new Set(measures.map(({ name }) => name)));
});

test("a definition begins with a capital letter and ends with a full stop", () => {
  expect(metricCatalogue.map(({ definition }) => definition).filter((text) => !/^[A-Z].*\.$/.test(text))).toEqual([]);
});
