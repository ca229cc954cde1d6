import type { RecordDraft } from "./attribute-tree.ts";
import { epoch, nanosFromDecimal, type UnixNanos } from "./unix-nanos.ts";

/**
 * The scalar fields of a record in proto3 JSON. A value of another type rejects the record, and reads as the default.
 */
export function textField(value: unknown, draft: RecordDraft): string {
  if (value === undefined || value === null) return "";
  // A lone surrogate becomes U+FFFD, as invalid UTF-8 does in the other encoding.
  if (typeof value === "string") return value.toWellFormed();
  draft.reject("bad_type");
  return "";
}

/** Enums are integers in OTLP/JSON; their names are not allowed. */
export function enumField(value: unknown, draft: RecordDraft): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  draft.reject("bad_enum");
  return 0;
}

export function flagField(value: unknown, draft: RecordDraft): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  draft.reject("bad_type");
  return false;
}

const hex = /^[0-9a-fA-F]*$/;

/** @returns the id in lower-case hex; for invalid hex one digit, which is the length of no id */
export function idField(value: unknown, draft: RecordDraft): string {
  const text = textField(value, draft);
  return hex.test(text) ? text.toLowerCase() : "0";
}

const unsignedDecimal = /^\d{1,20}$/;
const uint64Max = "18446744073709551615";

/** @returns the digits of an unsigned 64-bit integer without leading zeros; undefined for anything else */
function uint64Digits(value: unknown): string | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 && value < 2 ** 64 ? BigInt(value).toString() : undefined;
  }
  if (typeof value !== "string" || !unsignedDecimal.test(value)) return undefined;
  const digits = value.startsWith("0") ? value.replace(/^0+(?=\d)/, "") : value;
  return digits.length === uint64Max.length && digits > uint64Max ? undefined : digits;
}

/** A `fixed64` of nanoseconds. A JSON number has lost its last digits already: senders write a string. */
export function timeField(value: unknown, draft: RecordDraft): UnixNanos {
  if (value === undefined || value === null) return epoch;
  const digits = uint64Digits(value);
  if (digits !== undefined) return nanosFromDecimal(digits);
  draft.reject("bad_time");
  return epoch;
}

/** A `fixed64` count. */
export function countField(value: unknown, draft: RecordDraft): number {
  if (value === undefined || value === null) return 0;
  const digits = uint64Digits(value);
  if (digits !== undefined) return Number(digits);
  draft.reject("bad_count");
  return 0;
}

const signedDecimal = /^-?\d{1,19}$/;

/** An `int64`: a number while that is exact, its decimal digits beyond. */
export function int64Field(value: unknown, draft: RecordDraft): number | string {
  const exact = int64Of(value);
  if (exact === undefined) {
    draft.reject("bad_number");
    return 0;
  }
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
}

/** No number of a sender has more digits than this. */
const digitsMax = 400;
const longDecimal = new RegExp(`^-?\\d{19,${digitsMax}}$`);

/** True for a well-formed integer that exceeds `int64`. */
export function isIntegerBeyond64(value: unknown): boolean {
  const isInteger = typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && longDecimal.test(value);
  return isInteger && int64Of(value) === undefined;
}

function int64Of(value: unknown): bigint | undefined {
  const integer =
    typeof value === "number" && Number.isInteger(value)
      ? BigInt(value)
      : typeof value === "string" && signedDecimal.test(value)
        ? BigInt(value)
        : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

const decimalNumber = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A `double`; NaN for anything but a finite number, so that a caller that needs one reports it. */
export function doubleField(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && decimalNumber.test(value) ? Number(value) : Number.NaN;
}
