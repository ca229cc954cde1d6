import { OtlpDecodeError } from "./otlp-problem.ts";

/**
 * The shapes of proto3 JSON: `null` and absent both mean the default. Containers of records (lists and their objects) must have their shape,
 * or the body is no OTLP; a fault within a record rejects only that record.
 */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {OtlpDecodeError} `malformed` */
export function objectAt(value: unknown, path: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw new OtlpDecodeError("malformed", `${path} must be an object`);
  return value;
}

/** @throws {OtlpDecodeError} `malformed` */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OtlpDecodeError("malformed", `${path} must be a list`);
  return value;
}

/** Counts keys in snake_case, as in the .proto files: OTLP/JSON has lowerCamelCase only, so their values are not read. */
export function countSnakeCaseKeys(object: JsonObject): number {
  let count = 0;
  for (const key in object) if (key.includes("_")) count++;
  return count;
}
