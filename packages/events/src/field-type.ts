import { z } from "zod";
import type { PropertyField } from "./define-event.ts";

/** @returns the type of a field, as text for a table cell of Markdown: `integer from 0, required` */
export function fieldType({ schema }: PropertyField): string {
  const required = schema.safeParse(undefined).success ? "" : ", required";
  return `${typeName(z.toJSONSchema(schema))}${required}`;
}

type ValueSchema = z.core.JSONSchema.BaseSchema;

function typeName(schema: ValueSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  switch (schema.type) {
    case "array":
      return `list of up to ${schema.maxItems} (${typeName(schema.items as ValueSchema)})`;
    case "string":
      return schema.maxLength === undefined ? `string \`${schema.pattern}\`` : `string of 1 to ${schema.maxLength} characters`;
    case "integer":
    case "number":
      return `${schema.type}${rangeOf(schema)}`;
    default:
      return String(schema.type);
  }
}

function rangeOf({ minimum, maximum }: ValueSchema): string {
  const least = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? "" : ` from ${minimum}`;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? "" : ` to ${maximum}`;
  return `${least}${most}`;
}
