import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { expect, test } from "vitest";
import { metricDefinitions } from "./metric-definitions.ts";

test("SQL defines every metric of the catalogue and no other", () => {
  expect(Object.keys(metricDefinitions).sort()).toEqual(metricCatalogue.map(({ name }) => name).sort());
});
