import type { ResolvedQuery } from "../resolved-query.ts";
import type { SubQuery } from "../sub-query.ts";

/** @returns a sub-query that counts each bucket of the answer, by and filtered as the query says */
export function subQueryOfBuckets<Name extends string>(
  { query, buckets, total }: ResolvedQuery,
  name: Name,
  counted: Pick<SubQuery, "reads" | "measure" | "componentsBelow">,
): SubQuery<Name> {
  return { name, ...counted, by: query.by, filters: query.filters, windows: buckets, total };
}
