import type { Calendar } from "./calendar.ts";
import type { Contribution } from "./contribution.ts";
import { clockDimensions, type Dimensions } from "./dimension.ts";
import { passes } from "./metric-query.ts";
import type { SubQueryPlan } from "./sub-query.ts";

/** Decides which facts a sub-query counts, for its sums and for its rows. */
export class FactFilter {
  readonly #subQuery: SubQueryPlan;
  readonly #calendar: Calendar;
  /** Whether it depends on the time of a fact, besides the range, how it counts. */
  readonly readsClock: boolean;

  constructor(subQuery: SubQueryPlan, calendar: Calendar) {
    this.#subQuery = subQuery;
    this.#calendar = calendar;
    this.readsClock = [...subQuery.by, ...subQuery.filters.map(({ dimension }) => dimension)].some((name) => clockDimensions.has(name));
  }

  isAbout({ measure }: Contribution): boolean {
    return measure === this.#subQuery.measure.name;
  }

  /** @returns the dimensions under which a fact of the measure counts, with those of the clock if the query has them; `null` if it does not count */
  countedAs(atMs: number, dimensions: Dimensions): Dimensions | null {
    const { boundaries, filters } = this.#subQuery;
    if (atMs < (boundaries[0] as number) || atMs >= (boundaries.at(-1) as number)) return null;
    const shown = this.readsClock ? this.#withClock(dimensions, atMs) : dimensions;
    return passes(filters, shown) ? shown : null;
  }

  counts(contribution: Contribution): boolean {
    return this.isAbout(contribution) && this.countedAs(contribution.atMs, contribution.dimensions) !== null;
  }

  #withClock(dimensions: Dimensions, atMs: number): Dimensions {
    return { ...dimensions, hourOfDay: String(this.#calendar.hourOfDay(atMs)), weekday: String(this.#calendar.weekday(atMs)) };
  }
}
