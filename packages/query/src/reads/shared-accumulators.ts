import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { CountWindow } from "@trinity/aggregation/sub-query";
import type { SubQueryGroup } from "./accumulate-sub-queries.ts";

/** What decides, beside a sub-query, what its accumulator counts. */
type Counted = Pick<SubQueryGroup, "range" | "timeZone" | "segment" | "seriesMax">;

/** Finds sub-queries that count the same. A page asks for several quantiles, or for a sum and a ratio of it: they are counted once. */
export class SharedAccumulators {
  readonly #alike = new Map<string, Accumulator[]>();

  /**
   * @param accumulator a new one
   * @returns an earlier one that counts the same; null if there is none: then this one is for those after it
   */
  equalTo(accumulator: Accumulator, group: Counted): Accumulator | null {
    const key = keyOf(accumulator, group);
    const alike = this.#alike.get(key) ?? [];
    const equal = alike.find(({ subQuery }) => areEqual(subQuery.windows, accumulator.subQuery.windows));
    if (equal !== undefined) return equal;
    this.#alike.set(key, [...alike, accumulator]);
    return null;
  }
}

/** All but the windows, which are many. Boundaries and cells follow from both. */
function keyOf({ subQuery }: Accumulator, { range, timeZone, segment, seriesMax }: Counted): string {
  const { name, reads, measure, componentsBelow, by, filters, total, source } = subQuery;
  const window = [total.countFromMs, total.countToMs];
  const asked = [name, reads, measure.name, componentsBelow, by, filters, window, source.kind];
  return JSON.stringify([...asked, range, timeZone, segment, seriesMax]);
}

function areEqual(some: readonly CountWindow[], others: readonly CountWindow[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ countFromMs, countToMs }, i) => countFromMs === others[i]?.countFromMs && countToMs === others[i]?.countToMs);
}
