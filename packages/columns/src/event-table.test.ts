import { catalogue } from "@trinity/events/catalogue";
import { expect, test } from "vitest";
import { z } from "zod";
import { propertyTypes } from "./event-table.ts";

const sqlTypes: Readonly<Record<string, string>> = { string: "VARCHAR", integer: "INTEGER", boolean: "BOOLEAN", array: "VARCHAR[]" };

test.each(Object.entries(propertyTypes))("every event type that has the property %s gives it the type %s", (name, type) => {
  const types = catalogue.flatMap(({ fields }) => (fields[name] === undefined ? [] : [z.toJSONSchema(fields[name].schema)]));
  expect(types.length).toBeGreaterThan(0);
  for (const { type: found } of types) expect(sqlTypes[String(found)]).toBe(type === "BIGINT" ? "INTEGER" : type);
});
