import { type Cell, valueSeparator } from "./cell.ts";
import type { Contribution } from "./contribution.ts";
import { clockDimensions, type DimensionName, type Dimensions, valuesOf } from "./dimension.ts";
import { passes } from "./metric-query.ts";
import type { AnswerBucket, Plan } from "./plan.ts";
import { addAmounts, addVector, subtractVector, type Vector } from "./vector.ts";

/** One line of an answer: the values that it is for, and what it counted between each two edges of the plan. */
type Line = { readonly by: Readonly<Record<string, string>>; readonly stretches: Map<number, Vector> };

/**
 * Gathers what a plan reads, from cells or from the log, by the lines of the answer. Both ways end in the same vectors, so both give
 * the same answer.
 */
export class Tally {
  readonly #plan: Plan;
  readonly #lines = new Map<string, Line>();

  constructor(plan: Plan) {
    this.#plan = plan;
    if (plan.query.by.length === 0) this.#line([]);
  }

  get lineCount(): number {
    return this.#lines.size;
  }

  addCell(cell: Cell): void {
    if (this.#plan.source.kind !== "rollups") throw new TypeError("this plan reads the log");
    const names = this.#plan.source.set.dimensions;
    const values = cell.value.split(valueSeparator);
    const dimensions = Object.fromEntries(names.map((name, i) => [name, values[i] as string])) as Dimensions;
    this.#add(cell.bucketMs, dimensions, (vector) => addVector(vector, cell.vector));
  }

  addContribution({ measure, atMs, dimensions, amounts }: Contribution): void {
    if (measure !== this.#plan.metric.measure.name) return;
    this.#add(atMs, dimensions, (vector) => addAmounts(vector, amounts, 1));
  }

  /** @returns the lines in order of their values, each with one vector a bucket, and the one of the totals */
  lines(): readonly { readonly by: Line["by"]; readonly vectors: readonly Vector[]; readonly total: Vector }[] {
    return [...this.#lines]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { by, stretches }]) => ({
        by,
        vectors: this.#slide(stretches, this.#plan.buckets),
        total: this.#slide(stretches, [this.#plan.total])[0] as Vector,
      }));
  }

  #add(atMs: number, dimensions: Dimensions, addTo: (vector: Vector) => void): void {
    const { edges, query } = this.#plan;
    if (atMs < (edges[0] as number) || atMs >= (edges.at(-1) as number)) return;
    const told = this.#withClock(dimensions, atMs);
    if (!passes(query.filters, told)) return;
    const stretch = lastAtOrBefore(edges, atMs);
    for (const values of combinations(query.by, told)) {
      const { stretches } = this.#line(values);
      let vector = stretches.get(stretch);
      if (vector === undefined) stretches.set(stretch, (vector = new Map()));
      addTo(vector);
    }
  }

  #withClock(dimensions: Dimensions, atMs: number): Dimensions {
    const { query, calendar } = this.#plan;
    if (![...query.by, ...query.filters.map((filter) => filter.dimension)].some((name) => clockDimensions.has(name))) return dimensions;
    return { ...dimensions, hourOfDay: String(calendar.hourOfDay(atMs)), weekday: String(calendar.weekday(atMs)) };
  }

  #line(values: readonly string[]): Line {
    const key = values.join(valueSeparator);
    let line = this.#lines.get(key);
    if (line === undefined) {
      const by = Object.fromEntries(this.#plan.query.by.map((name, i) => [name, values[i] as string]));
      this.#lines.set(key, (line = { by, stretches: new Map() }));
    }
    return line;
  }

  // Rolling windows overlap, so the sum slides: what enters on the right is added, what leaves on the left is taken away.
  #slide(stretches: ReadonlyMap<number, Vector>, buckets: readonly AnswerBucket[]): readonly Vector[] {
    const { edges } = this.#plan;
    const sum: Vector = new Map();
    let left = 0;
    let right = 0;
    return buckets.map(({ countFromMs, countToMs }) => {
      for (; right < edges.length && (edges[right] as number) < countToMs; right++) addVector(sum, stretches.get(right) ?? nothing);
      for (; left < edges.length && (edges[left] as number) < countFromMs; left++) subtractVector(sum, stretches.get(left) ?? nothing);
      return new Map(sum);
    });
  }
}

const nothing: Vector = new Map();

function combinations(names: readonly DimensionName[], dimensions: Dimensions): readonly (readonly string[])[] {
  return names.reduce<readonly (readonly string[])[]>(
    (prefixes, name) => prefixes.flatMap((prefix) => valuesOf(dimensions, name).map((value) => [...prefix, value])),
    [[]],
  );
}

/** @returns the index of the last edge that is not after the instant */
function lastAtOrBefore(edges: readonly number[], atMs: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((edges[middle] as number) <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
