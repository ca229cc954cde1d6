import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue } from "./catalogue.ts";
import { parseProperties } from "./parse-properties.ts";
import { ruleOfIssue } from "./schema-rule.ts";

test.each<[z.ZodType, unknown, string]>([
  [z.string(), undefined, "is required, and must be one text"],
  [z.string(), 5, "must be one text"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(3), "x", "must have at least 3 characters"],
  [z.string().max(2), "xxx", "must have at most 2 characters"],
  [z.string().regex(/^a$/), "x", "must be of the form that its documentation names"],
  [z.string().regex(/^a$/, "must be the letter a"), "x", "must be the letter a"],
  [z.iso.datetime(), "x", "must be an RFC 3339 instant with an offset"],
  [z.int(), "5", "must be a number"],
  [z.int(), 1.5, "must be a whole number"],
  [z.int().min(1), 0, "must be at least 1"],
  [z.int().max(9), 10, "must be at most 9"],
  [z.number().gt(0), 0, "must be more than 0"],
  [z.number().lt(1), 1, "must be less than 1"],
  [z.boolean(), "yes", "must be true or false"],
  [z.enum(["day", "week"]), "year", "must be one of day, week"],
  [z.literal([1, 7, 30]), 2, "must be one of 1, 7, 30"],
  [z.literal("previous"), "next", "must be previous"],
  [z.array(z.string()).min(1), [], "must not be an empty list"],
  [z.array(z.string()).min(2), [], "must have at least 2 items"],
  [z.array(z.string()).max(1), ["a", "b"], "must have at most 1 item"],
  [z.array(z.string()), "a", "must be a list"],
  [z.strictObject({}), 5, "must be an object"],
  [z.union([z.string(), z.number()]), true, "must be as its documentation says"],
])("%o refuses %j in words that say what to send: %s", (schema, value, rule) => {
  expect(schema.safeParse(value).error?.issues.map(ruleOfIssue)).toEqual([rule]);
});

test("a long list of values is cut", () => {
  const values = Array.from({ length: 400 }, (_, i) => `value${i}`);
  const [rule = ""] = z.enum(values).safeParse("x").error?.issues.map(ruleOfIssue) ?? [];
  expect(rule).toMatch(/^must be one of value0, .* and \d+ more$/);
  expect(rule.length).toBeLessThan(256);
});

test("no rejection contains the message of the schema library, for any value of any property", () => {
  const anything = fc.oneof(
    fc.constantFrom<unknown>("", null, [], {}, -1, 1.5, 1e300, "secretWord", "x".repeat(300), [5], ["", ""]),
    fc.jsonValue(),
  );
  const anyProperty = fc
    .constantFrom(...catalogue.filter(({ propertyNames }) => propertyNames.size > 0))
    .chain((definition) =>
      fc.record({ definition: fc.constant(definition), name: fc.constantFrom(...definition.propertyNames), value: anything }),
    );
  fc.assert(
    fc.property(anyProperty, ({ definition, name, value }) => {
      const parsed = parseProperties(definition, { [name]: value });
      if (parsed.ok) return;
      expect(parsed.problem.message).toMatch(/^(must|is required|is no property)/);
      expect(parsed.problem.message).not.toContain("secretWord");
    }),
    { numRuns: 2_000 },
  );
});
