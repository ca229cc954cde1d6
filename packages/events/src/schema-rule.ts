import type { z } from "zod";

/** Longer lists of values are cut. */
const valuesCharsMax = 220;

/**
 * Describes what to send at the path of an issue. Never repeats the value that was sent.
 * A message that a schema declares itself is used unchanged.
 */
export function ruleOfIssue(issue: z.core.$ZodIssue): string {
  if (!ownWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type": {
      const rule = typeRules[issue.expected] ?? "must be of another type";
      return issue.message.endsWith("received undefined") ? `is required, and ${rule}` : rule;
    }
    case "invalid_value":
      return `must be ${oneOf(issue.values.map(String))}`;
    case "too_small":
      return smallRule(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case "too_big":
      return bigRule(issue.origin, Number(issue.maximum), issue.inclusive !== false);
    case "invalid_format":
      return issue.format === "datetime"
        ? "must be an RFC 3339 instant with an offset"
        : "must be of the form that its documentation names";
    default:
      return "must be as its documentation says";
  }
}

/** The prefixes of the schema library's own messages. */
const ownWords = /^(Invalid|Too (small|big)|Unrecognized)/;

const typeRules: Readonly<Record<string, string>> = {
  string: "must be one text",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list",
  object: "must be an object",
};

function smallRule(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === "string") return minimum === 1 ? "must not be empty" : `must have at least ${minimum} characters`;
  if (origin === "array") return minimum === 1 ? "must not be an empty list" : `must have at least ${minimum} items`;
  return `must be ${inclusive ? "at least" : "more than"} ${minimum}`;
}

function bigRule(origin: string, maximum: number, inclusive: boolean): string {
  if (origin === "string") return `must have at most ${maximum} characters`;
  if (origin === "array") return `must have at most ${maximum} ${maximum === 1 ? "item" : "items"}`;
  return `must be ${inclusive ? "at most" : "less than"} ${maximum}`;
}

function oneOf(values: readonly string[]): string {
  if (values.length === 1) return values[0] as string;
  const shown: string[] = [];
  let chars = 0;
  for (const value of values) {
    chars += value.length + 2;
    if (chars > valuesCharsMax) return `one of ${shown.join(", ")} and ${values.length - shown.length} more`;
    shown.push(value);
  }
  return `one of ${shown.join(", ")}`;
}
