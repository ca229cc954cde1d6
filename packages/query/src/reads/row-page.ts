import type { Place, Row } from "@trinity/aggregation/row";
import type { RowSubject } from "@trinity/aggregation/row-subject";
import { compareUtf8 } from "@trinity/storage/text-order";

/** Where a number is made of events and of entities, the entities are behind every chunk that a log can have. */
export const entityGroupsFrom = 100_000_000_000_000;

/** In order of group, then of key. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.group !== b.group) return a.group - b.group;
  if (typeof a.key === "number" && typeof b.key === "number") return a.key - b.key;
  return compareUtf8(String(a.key), String(b.key));
}

/** One page of rows, and what all rows are together. */
export type RowsOnPage = Pick<RowPage, "rows" | "nextCursor" | "total" | "sum">;

/** Takes rows in order of place, counts all of them and keeps one page. */
export class RowPage {
  readonly #after: Place | null;
  readonly #limit: number;
  readonly #kept: Row[] = [];
  #total = 0;
  #sum = 0;

  /** @param after the last row of the page before; `null` for the first page */
  constructor(after: Place | null, limit: number) {
    this.#after = after;
    this.#limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /** The amounts of all rows, also of those on other pages. */
  get sum(): number {
    return this.#sum;
  }

  get rows(): readonly Row[] {
    return this.#kept.slice(0, this.#limit);
  }

  get nextCursor(): string | null {
    const last = this.rows.at(-1);
    return last === undefined || this.#kept.length <= this.#limit ? null : `${last.place.group}.${last.place.key}`;
  }

  add(row: Row): void {
    this.#total += 1;
    this.#sum += row.amount;
    const isNext = this.#after === null || comparePlaces(row.place, this.#after) > 0;
    if (isNext && this.#kept.length <= this.#limit) this.#kept.push(row);
  }
}

/** @returns the place that a cursor of such rows means; `null` for a text that is none */
export function placeOfCursor(text: string, rowsAre: RowSubject): Place | null {
  const [, group, key] = /^(\d{1,15})\.(.+)$/su.exec(text) ?? [];
  if (group === undefined || key === undefined) return null;
  const isInLog = rowsAre === "events" || rowsAre === "receipts" || (rowsAre === "observations" && Number(group) < entityGroupsFrom);
  if (!isInLog) return { group: Number(group), key };
  return /^\d{1,9}$/.test(key) ? { group: Number(group), key: Number(key) } : null;
}
