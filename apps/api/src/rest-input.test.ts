import { expect, test } from "vitest";
import { inputOfParameters } from "./rest-input.ts";

const schema = {
  required: [],
  properties: {
    name: { type: "string" },
    limit: { type: "integer" },
    window: { enum: [1, 7, 30] },
    fresh: { type: "boolean" },
    by: { type: "array", items: { type: "string", enum: ["a", "b"] } },
    filter: { type: "array", items: { type: "string" } },
  },
};

test.each([
  [{ name: "5" }, { name: "5" }],
  [{ limit: "5" }, { limit: 5 }],
  [{ limit: "5e3" }, { limit: "5e3" }],
  [{ limit: "" }, { limit: "" }],
  [{ limit: "0x10" }, { limit: "0x10" }],
  [{ window: "7" }, { window: 7 }],
  [{ fresh: "true" }, { fresh: true }],
  [{ fresh: "false" }, { fresh: false }],
  [{ fresh: "1" }, { fresh: "1" }],
  [{ by: "a,b" }, { by: ["a", "b"] }],
  [{ by: ["a", "b"] }, { by: ["a", "b"] }],
  [{ filter: "x:1,2" }, { filter: ["x:1,2"] }],
  [{ filter: ["x:1", "y:2"] }, { filter: ["x:1", "y:2"] }],
  [{ name: ["a", "b"] }, { name: ["a", "b"] }],
  [{ unknown: "1" }, { unknown: "1" }],
])("the parameters %j are the input %j", (parameters, input) => {
  expect({ ...inputOfParameters(schema, parameters) }).toEqual(input);
});
