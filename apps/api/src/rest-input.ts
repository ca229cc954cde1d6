import type { ObjectSchema, PropertySchema } from "./procedure-list.ts";

/** The parameters of one request, as Fastify hands them over. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Turns text parameters into the input that the schema describes, without judging it: what cannot be turned stays text, and the
 * procedure's own schema refuses it.
 * - a list takes repeated parameters; one of a closed set of values also takes them in one, separated by commas
 * - a number or boolean is taken in its one JSON spelling: `true`, not `1`
 */
export function inputOfParameters(schema: ObjectSchema, parameters: Parameters): Record<string, unknown> {
  const input: Record<string, unknown> = Object.create(null);
  for (const [name, given] of Object.entries(parameters)) {
    if (given === undefined) continue;
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    input[name] = property === undefined ? given : valueOf(property, given);
  }
  return input;
}

function valueOf(schema: PropertySchema, given: string | readonly string[]): unknown {
  if (schema.type !== "array") return typeof given === "string" ? scalarOf(schema, given) : given;
  const texts = typeof given === "string" ? [given] : given;
  return schema.items?.enum === undefined ? texts : texts.flatMap((text) => text.split(","));
}

function scalarOf(schema: PropertySchema, text: string): unknown {
  if (isNumeric(schema)) return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (schema.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function isNumeric({ type, enum: values }: PropertySchema): boolean {
  return type === "number" || type === "integer" || values?.every((value) => typeof value === "number") === true;
}
