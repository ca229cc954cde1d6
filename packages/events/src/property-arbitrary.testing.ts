import fc from "fast-check";
import { z } from "zod";
import type { EventDefinition } from "./define-event.ts";
import type { Properties, PropertyValue } from "./event.ts";

const anyContentId = fc.oneof(
  fc.nat({ max: 200 }).map((number) => `movie:${number}`),
  fc.nat({ max: 200 }).map((number) => `tv:${number}`),
  fc.stringMatching(/^tt[0-9]{7}$/),
);

/** @returns valid properties of one event type, derived from its schemas; optional ones are sometimes absent */
export function propertiesOf(definition: EventDefinition): fc.Arbitrary<Properties> {
  const names = Object.keys(definition.fields);
  const arbitraries = Object.fromEntries(names.map((name) => [name, valueOf(definition, name)]));
  const requiredKeys = names.filter((name) => !definition.fields[name]!.schema.safeParse(undefined).success);
  return fc.record(arbitraries, { requiredKeys, noNullPrototype: true });
}

function valueOf(definition: EventDefinition, name: string): fc.Arbitrary<PropertyValue> {
  if (name === "contentId") return anyContentId;
  const { schema } = definition.fields[name]!;
  return arbitraryOf(z.toJSONSchema(schema)).filter((value) => schema.safeParse(value).success);
}

type ValueSchema = z.core.JSONSchema.BaseSchema;

function arbitraryOf(schema: ValueSchema): fc.Arbitrary<PropertyValue> {
  if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as PropertyValue[]));
  if (schema.type === "string") return stringOf(schema);
  if (schema.type === "integer") return integerOf(schema);
  if (schema.type === "number") return numberOf(schema);
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "array") return fc.array(stringOf(schema.items as ValueSchema), { maxLength: schema.maxItems ?? 0 });
  throw new Error(`no generator for values of type ${String(schema.type)}`);
}

const magnitudeMax = 1_000_000;

function integerOf({ minimum = -magnitudeMax, maximum = magnitudeMax }: ValueSchema): fc.Arbitrary<number> {
  return fc.integer({ min: Math.max(minimum, -magnitudeMax), max: Math.min(maximum, magnitudeMax) });
}

function numberOf({ minimum = -magnitudeMax, maximum = magnitudeMax }: ValueSchema): fc.Arbitrary<number> {
  // JSON cannot represent -0.
  return fc.double({ min: minimum, max: maximum, noNaN: true }).map((value) => (value === 0 ? 0 : value));
}

// fast-check has no generator for it; what it excludes is filtered out by the schema.
const lookahead = /^\^\(\?![^)]*\)/;

function stringOf({ pattern }: ValueSchema): fc.Arbitrary<string> {
  // Patterns of a format generate values; those of Unicode classes only exclude characters.
  if (pattern !== undefined && !pattern.includes("\\p{")) return fc.stringMatching(new RegExp(pattern.replace(lookahead, "^")));
  const readable = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
  const anyText = fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 16 });
  return fc.oneof({ weight: 4, arbitrary: readable }, { weight: 1, arbitrary: anyText });
}
