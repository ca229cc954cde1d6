import { setImmediate as turn } from "node:timers/promises";
import type { Accumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { AmountSum } from "@trinity/aggregation/amount-sum";
import { totalOf } from "@trinity/aggregation/components";
import { contributionsOfEvent } from "@trinity/aggregation/contributions";
import type { Place } from "@trinity/aggregation/row";
import type { RowsOfNumber } from "@trinity/aggregation/rows-of-number";
import { logRangesOf, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { UserSet } from "@trinity/aggregation/user-set";
import { type EventPlace, findEvents } from "@trinity/columns/find-events";
import type { StoredEvent } from "@trinity/events/event";
import { mapConcurrently } from "@trinity/runtime/limiter";
import { countFromColumns } from "./count-from-columns.ts";
import { refuseTooMuch } from "./from-columns.ts";
import type { MetricPlan } from "./read-metrics.ts";
import type { Reader } from "./reader.ts";
import { RowPage, type RowsOnPage } from "./row-page.ts";

export type RowsRead = {
  /** Those of the plan, then those of the checks. */
  readonly accumulators: readonly Accumulator[];
  readonly page: RowsOnPage;
};

/**
 * Reads a page of rows that are single events: the numbers are counted from columns, and only the events of the page are read.
 * @param metric a plan that counts everything from the log, with its checks
 * @returns null where the rows cannot be read so: read all facts
 * @throws {ScanLimitError}
 */
export async function rowsFromColumns(
  {
    metric,
    checks,
    rowsOf,
    userFilter,
    after,
    limit,
  }: {
    readonly metric: MetricPlan;
    readonly checks: readonly SubQueryPlan[];
    readonly rowsOf: RowsOfNumber;
    readonly userFilter: UserSet | null;
    readonly after: Place | null;
    readonly limit: number;
  },
  reader: Reader,
): Promise<RowsRead | null> {
  const { columns, signal } = reader;
  const { facts, collector } = rowsOf;
  const counted = facts && metric.subQueries.findIndex(({ name }) => name === facts.subQuery);
  const subQuery = counted === undefined ? undefined : metric.subQueries[counted];
  if (columns === undefined || facts === undefined || subQuery?.measure.origin !== "events") return null;
  const throughSeq = reader.moment.watermark.seq;
  const { calendar } = metric;
  const accumulators = accumulatorsFor({ subQueries: [...metric.subQueries, ...checks], calendar });
  const counts = accumulators.map((accumulator) => ({ accumulator, calendar, userFilter }));
  const wanted = { subQuery, components: facts.components, ranges: logRangesOf(subQuery), userFilter, throughSeq };
  const place = after === null ? null : { seq: after.group, index: Number(after.key) };
  // One more than the page has, which tells whether there is a next one.
  const [filled, events] = await Promise.all([
    countFromColumns(reader, counts, throughSeq),
    findEvents(columns, { ...wanted, after: place, limit: limit + 1 }, signal)
      .catch(refuseTooMuch)
      .then((places) => places && eventsAt(places, reader)),
  ]);
  if (events === null || filled.size < accumulators.length) return null;
  const page = new RowPage(after, limit);
  for (const { seq, index, userNumber, event } of events) {
    const contributions = contributionsOfEvent(event, () => userNumber as number);
    const row = collector.add({ place: { group: seq, key: index }, event, contributions });
    if (row !== null) page.add(row);
  }
  // A single event adds 1 to the components that make a number.
  const [{ total: sumOfAll } = { total: new AmountSum() }] = accumulators[counted as number]?.series() ?? [];
  const total = totalOf(sumOfAll as AmountSum, facts.components);
  return { accumulators, page: { rows: page.rows, nextCursor: page.nextCursor, total, sum: total } };
}

/** A page of rows may be spread over as many chunks as it has rows. */
const chunksAtOnce = 8;

/** @returns the events of these places; null where the log has none */
async function eventsAt(
  places: readonly EventPlace[],
  { store, signal }: Reader,
): Promise<readonly (EventPlace & { readonly event: StoredEvent })[] | null> {
  const read = await mapConcurrently([...Map.groupBy(places, ({ seq }) => seq)], chunksAtOnce, async ([seq, ofChunk]) => {
    // Other requests run between two chunks.
    await turn();
    signal?.throwIfAborted();
    const [chunk] = await store.readChunks(seq - 1, 1);
    return ofChunk.map((place) => ({ ...place, event: chunk?.seq === seq ? chunk.events[place.index] : undefined }));
  });
  const events = read.flat();
  return events.every((one): one is EventPlace & { event: StoredEvent } => one.event !== undefined) ? events : null;
}
