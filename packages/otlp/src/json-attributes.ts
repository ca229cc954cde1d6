import type { AttributeTree, RecordDraft } from "./attribute-tree.ts";
import { isJsonObject, type JsonObject } from "./json-shape.ts";
import { doubleField, int64Field, isIntegerBeyond64 } from "./json-values.ts";
import type { WantedNames } from "./wanted-names.ts";

/** The alternatives of an `AnyValue`. */
const alternatives = ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"] as const;

/**
 * Reads a list of `KeyValue` into the draft.
 * @param wanted names to build a value for; undefined for all. The others are checked just as deep, and dropped.
 */
export function readAttributes(list: unknown, draft: RecordDraft, wanted?: WantedNames): void {
  for (const item of recordList(list, draft)) {
    if (draft.fault !== undefined || !draft.takeAttribute()) return;
    if (!isJsonObject(item)) return draft.reject("bad_type");
    const key = keyOf(item, draft);
    const name = wanted === undefined ? key : wanted.presentName(key);
    if (name === undefined) checkAnyValue(item.value, draft, 1);
    else draft.setAttribute(name, readAnyValue(item.value, draft, 1));
  }
}

/** A list within a record; any other shape rejects the record. */
export function recordList(value: unknown, draft: RecordDraft): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) draft.reject("bad_type");
  return [];
}

export function readAnyValue(value: unknown, draft: RecordDraft, depth: number): AttributeTree {
  if (value === undefined || value === null || !draft.takeValue(depth)) return null;
  if (!isJsonObject(value)) {
    draft.reject("bad_type");
    return null;
  }
  const present = alternatives.filter((name) => value[name] !== undefined && value[name] !== null);
  if (present.length > 1) draft.reject("bad_value");
  return present[0] === undefined ? null : readAlternative(present[0], value[present[0]], draft, depth);
}

function readAlternative(name: (typeof alternatives)[number], value: unknown, draft: RecordDraft, depth: number): AttributeTree {
  switch (name) {
    case "stringValue":
      return typeof value === "string" ? value.toWellFormed() : rejectValue(draft);
    case "boolValue":
      return typeof value === "boolean" ? value : rejectValue(draft);
    case "intValue":
      return isIntegerBeyond64(value) ? Number.NaN : int64Field(value, draft);
    case "doubleValue":
      return doubleOrReject(value, draft);
    case "bytesValue":
      return base64(value, draft);
    case "arrayValue":
      return listWithin(value, draft).map((item) => (draft.fault === undefined ? readAnyValue(item ?? {}, draft, depth + 1) : null));
    case "kvlistValue":
      return readKeyValueList(value, draft, depth);
  }
}

function readKeyValueList(value: unknown, draft: RecordDraft, depth: number): AttributeTree {
  const entries: Record<string, AttributeTree> = Object.create(null) as Record<string, AttributeTree>;
  for (const item of listWithin(value, draft)) {
    if (draft.fault !== undefined) break;
    if (isJsonObject(item)) entries[keyOf(item, draft)] = readAnyValue(item.value, draft, depth + 1);
    else draft.reject("bad_type");
  }
  return entries;
}

/** The bounds of `readAnyValue` without its values. */
function checkAnyValue(value: unknown, draft: RecordDraft, depth: number): void {
  if (value === undefined || value === null || !draft.takeValue(depth)) return;
  if (!isJsonObject(value)) return draft.reject("bad_type");
  if (value.arrayValue !== undefined) {
    for (const item of listWithin(value.arrayValue, draft)) if (draft.fault === undefined) checkAnyValue(item ?? {}, draft, depth + 1);
  }
  if (value.kvlistValue !== undefined) {
    for (const item of listWithin(value.kvlistValue, draft)) {
      if (draft.fault === undefined && isJsonObject(item)) checkAnyValue(item.value, draft, depth + 1);
    }
  }
}

/** `ArrayValue` and `KeyValueList` are objects around a list named `values`. */
function listWithin(value: unknown, draft: RecordDraft): readonly unknown[] {
  if (value === null) return [];
  if (isJsonObject(value)) return recordList(value.values, draft);
  draft.reject("bad_type");
  return [];
}

function keyOf(item: JsonObject, draft: RecordDraft): string {
  const { key } = item;
  if (typeof key === "string") return key.toWellFormed();
  if (key !== undefined && key !== null) draft.reject("bad_type");
  return "";
}

/** The JSON names of doubles without a literal. */
const nonFinite: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

/** @returns the double, finite or not; anything else rejects the record */
function doubleOrReject(value: unknown, draft: RecordDraft): number {
  if (nonFinite.has(value)) return Number(value);
  const number = doubleField(value);
  if (Number.isNaN(number)) draft.reject("bad_number");
  return number;
}

const base64Form = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** @returns the bytes in standard base64, from standard or URL-safe base64 */
function base64(value: unknown, draft: RecordDraft): AttributeTree {
  if (typeof value !== "string" || !base64Form.test(value)) return rejectValue(draft, "bad_value");
  return Buffer.from(value, "base64").toString("base64");
}

function rejectValue(draft: RecordDraft, code: "bad_type" | "bad_value" = "bad_type"): null {
  draft.reject(code);
  return null;
}
