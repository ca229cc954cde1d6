import { parseTimestamp } from "@trinity/events/timestamp";
import { isRow, type Row, type Value } from "./attribute-value.ts";

/** The value of an attribute as one type; `undefined` if it is absent or of another type. */

/** Ids are text in Trinity; a number, written by a script, is the same id. */
export function textOf(row: Row, name: string): string | undefined {
  const value = row.get(name);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function flagOf(row: Row, name: string): boolean | undefined {
  const value = row.get(name);
  return typeof value === "boolean" ? value : undefined;
}

/** An integer from `min` to `max`. */
export function countOf(row: Row, name: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number | undefined {
  const value = row.get(name);
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) : undefined;
}

/** The seats of a room, within the bounds of the catalogue. */
export function seatsOf(row: Row, name: string): number | undefined {
  return countOf(row, name, { min: 1, max: 1_000 });
}

export function listOf(row: Row, name: string): readonly Value[] | undefined {
  const value = row.get(name);
  return Array.isArray(value) ? (value as readonly Value[]) : undefined;
}

export function mapOf(row: Row, name: string): Row | undefined {
  const value = row.get(name);
  return isRow(value) ? value : undefined;
}

/** An instant in Unix milliseconds. */
export function timeOf(row: Row, name: string): number | undefined {
  return parseTimestamp(row.get(name)) ?? undefined;
}

export function mediaTypeOf(row: Row, name: string): "movie" | "tv" | undefined {
  const value = textOf(row, name)?.toLowerCase();
  return value === "movie" || value === "tv" ? value : undefined;
}

/** @returns the time between two instants; undefined if the clocks make it negative */
export function durationOf(fromMs: number | undefined, toMs: number | null | undefined): number | undefined {
  if (fromMs === undefined || toMs === undefined || toMs === null || toMs < fromMs) return undefined;
  return toMs - fromMs;
}
