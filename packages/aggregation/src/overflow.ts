import { overflowValue, valuesMax } from "@trinity/events/dimension-limits";
import type { Accumulator } from "./accumulator.ts";
import { type DimensionName, multiValued } from "./dimension.ts";
import type { Filter } from "./metric-query.ts";
import { type DataBounds, type Plan, planSubQuery } from "./plan.ts";
import { attributesOf } from "./segment.ts";
import type { SubQueryPlan } from "./sub-query.ts";

const { system: _, ...byName } = valuesMax;
/** Dimensions that have a limit themselves, or take their values from one that has. */
const limited: ReadonlySet<string> = new Set([...Object.keys(byName), "source", "favouriteGenre"]);

/** @returns whether values of a dimension beyond a limit are stored as `other` */
export function isLimited(dimension: string): boolean {
  return limited.has(dimension);
}

/** A sub-query that counts facts under `other` in a dimension, which may belong to the query. */
export type OverflowCheck = { readonly dimension: DimensionName; readonly subQuery: SubQueryPlan };

/**
 * A value beyond the limit of its dimension is stored as `other`. So a query that filters or breaks down by that dimension may miss facts.
 * @returns what to count besides a plan: if a check counts anything, its dimension overflowed
 */
export function overflowChecksOf(
  { subQueries, query, calendar }: Plan,
  dataBounds: Pick<DataBounds, "minutesFromMs">,
): readonly OverflowCheck[] {
  return subQueries.flatMap((subQuery) => {
    const asked = new Set([...subQuery.by, ...subQuery.filters.map(({ dimension }) => dimension)]);
    const { boundaries: _edges, source: _source, ...request } = subQuery;
    return [...asked]
      .filter((dimension) => limited.has(dimension))
      .flatMap((dimension) => {
        const others = subQuery.filters.filter((filter) => filter.dimension !== dimension);
        return othersWidened(others).map((widened) => {
          const filters = [...widened, onOverflow(dimension)];
          return {
            dimension,
            subQuery: planSubQuery({ ...request, name: `overflow of ${dimension}`, by: [], filters }, query, calendar, dataBounds),
          };
        });
      });
  });
}

function onOverflow(dimension: DimensionName): Filter {
  return { dimension, values: [overflowValue], negated: false };
}

/**
 * A fact may have overflowed in several dimensions, so each filter also accepts `other`. For a multi-valued dimension that needs another
 * sub-query, because no rollup answers for two of its values at once.
 * @returns the filters of each sub-query
 */
function othersWidened(filters: readonly Filter[]): readonly (readonly Filter[])[] {
  return filters.reduce<readonly (readonly Filter[])[]>(
    (questions, filter) => questions.flatMap((question) => widened(filter).map((one) => [...question, one])),
    [[]],
  );
}

function widened(filter: Filter): readonly Filter[] {
  const { dimension, values, negated } = filter;
  if (!limited.has(dimension)) return [filter];
  if (negated) return [{ ...filter, values: values.filter((value) => value !== overflowValue) }];
  return multiValued.has(dimension) ? [filter, onOverflow(dimension)] : [{ ...filter, values: [...new Set([...values, overflowValue])] }];
}

/**
 * @param accumulators what the checks counted, in their order
 * @param attributes of the segment, which overflowed
 * @returns the dimensions that overflowed, each once
 */
export function overflowedOf(
  checks: readonly OverflowCheck[],
  accumulators: readonly Accumulator[],
  attributes: readonly string[] = [],
): readonly string[] {
  const found = checks.filter((_, i) => accumulators[i]?.isEmpty === false).map(({ dimension }) => dimension);
  return [...new Set([...attributes, ...found])].sort();
}

/** @returns the attributes of the question's segment that may have overflowed */
export function limitedAttributesOf(query: Pick<Plan["query"], "segment">): readonly DimensionName[] {
  if (query.segment === undefined) return [];
  return [...attributesOf(query.segment)].filter((attribute) => limited.has(attribute)) as readonly DimensionName[];
}
