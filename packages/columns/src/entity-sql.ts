import { type CellDimension, unknownValue } from "@trinity/aggregation/dimension";
import { dimensionSql, genresOf } from "./dimension-sql.ts";
import { isProductEvent } from "./event-type-sql.ts";
import { ofFirstEvent } from "./first-event-sql.ts";
import { text } from "./sql-text.ts";

/** @returns the dimensions of facts that have these as columns, as `dimensionsOfFirst` names them; every other one is unknown */
export function dimensionColumns(...names: readonly CellDimension[]): (name: CellDimension) => string {
  return (name) => {
    if (!names.includes(name)) return text(unknownValue);
    return name === "genre" ? genresOf(name) : name;
  };
}

/** @returns the dimensions that the first event of a group has, as columns. Genres are as the event lists them: to sort all lists takes long. */
export function dimensionsOfFirst(names: readonly CellDimension[], where = "true"): string {
  const valueOf = (name: CellDimension) => (name === "genre" ? "genres" : dimensionSql(name));
  return names.map((name) => `${ofFirstEvent(valueOf(name))} FILTER (${where}) AS ${name}`).join(", ");
}

/**
 * Product events of any time, because entities have events of any time.
 * @param key a column that identifies the entity that an event belongs to; null where it belongs to none
 */
export function eventsWith(key: string, rows: string): string {
  return `(SELECT * FROM ${rows} WHERE ${key} IS NOT NULL AND ${isProductEvent})`;
}
