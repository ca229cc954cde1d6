import { bucketEnd } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { EventStore } from "@trinity/storage/event-store";
import { compareStateRowKeys, type StateRow, type StateRowKey } from "@trinity/storage/state-row";
import type { BucketCheck, Repair } from "@trinity/storage/verification-store";
import { BucketChecks } from "./bucket-checks.ts";
import type { Replay, Throttle } from "./replay.ts";

const pageRows = 1_000;

/** A page of rows that were compared at one watermark, and the buckets completed with it. */
export type ComparedPage = {
  readonly watermark: Watermark;
  readonly compared: Readonly<Record<StateRowKey["table"], number>>;
  readonly differences: readonly Repair[];
  readonly checks: readonly BucketCheck[];
};

/**
 * Handles the differences of a page. It returns those it did not repair, and the revision as of which the rest matches; or that the store
 * has moved on, so that the page must be compared again.
 */
export type Reconcile = (
  page: PageDifferences,
) => Promise<{ readonly unresolved: readonly Repair[]; readonly revision: number } | "compare again">;
type PageDifferences = Pick<ComparedPage, "watermark" | "differences">;

/**
 * Compares a store with a shadow state, page by page. Ingest may go on: before each page is compared, the shadow state catches up to the
 * watermark at which the page was read.
 * @param reconcile may repair differences before their buckets are checked
 * @throws {UnderivableError} when the shadow state cannot follow the store
 */
export async function* compareState(
  store: EventStore,
  replay: Replay,
  throttle: Throttle,
  reconcile: Reconcile,
): AsyncGenerator<ComparedPage> {
  const { frozenBeforeMs } = await store.readVerification();
  // 0 means nothing is frozen. Cells that a damaged key puts before 1970 are compared then.
  const isFrozen = (key: StateRowKey) => frozenBeforeMs > 0 && key.table === "cell" && bucketEnd(key.tier, key.bucketMs) <= frozenBeforeMs;
  const bucketChecks = new BucketChecks();
  for (let after: StateRowKey | null = null, isLast = false; !isLast; ) {
    const { watermark, keys, ...page }: PagePair = await readPage(store, replay, after);
    const differences = page.differences.filter(({ key }) => !isFrozen(key));
    const reconciled = await reconcile({ watermark, differences });
    if (reconciled === "compare again") {
      await throttle();
      continue;
    }
    const wrong = new Set(reconciled.unresolved.map(({ key }) => key));
    for (const key of keys) if (key.table === "cell" && !isFrozen(key)) bucketChecks.see(key, !wrong.has(key), reconciled.revision);
    ({ after, isLast } = page);
    yield { watermark, compared: countByTable(keys), differences: reconciled.unresolved, checks: bucketChecks.take(isLast) };
    await throttle();
  }
}

/** Leaves all differences as they are. */
export const repairNothing: Reconcile = async ({ watermark, differences }) => ({ unresolved: differences, revision: watermark.revision });

type PagePair = {
  readonly watermark: Watermark;
  readonly keys: readonly StateRowKey[];
  readonly differences: readonly Repair[];
  readonly after: StateRowKey | null;
  readonly isLast: boolean;
};

async function readPage(store: EventStore, { derived, catchUp }: Replay, after: StateRowKey | null): Promise<PagePair> {
  // Catches up first, so that little is left to fold after the page is read.
  await catchUp((await store.readWatermark()).seq);
  const { watermark, rows: stored } = await store.scanState(after, pageRows);
  await catchUp(watermark.seq);
  const { rows: expected } = await derived.scanState(after, pageRows);
  // Rows after the last key of a full page are unknown: compare only up to there.
  const ends = [stored, expected].flatMap((rows) => (rows.length < pageRows ? [] : [(rows.at(-1) as StateRow).key]));
  const end = ends.sort(compareStateRowKeys)[0] ?? null;
  const isWithin = ({ key }: StateRow) => end === null || compareStateRowKeys(key, end) <= 0;
  return { watermark, ...compareRows(stored.filter(isWithin), expected.filter(isWithin)), after: end, isLast: end === null };
}

/** Merges two sorted lists. @returns all keys, and the rows that differ */
function compareRows(stored: readonly StateRow[], expected: readonly StateRow[]): Pick<PagePair, "keys" | "differences"> {
  const keys: StateRowKey[] = [];
  const differences: Repair[] = [];
  for (let i = 0, j = 0; i < stored.length || j < expected.length; ) {
    const [is, should] = [stored[i], expected[j]];
    const order = is === undefined ? 1 : should === undefined ? -1 : compareStateRowKeys(is.key, should.key);
    const key = (order <= 0 ? is : should)?.key as StateRowKey;
    const [storedContent, derivedContent] = [order <= 0 ? is?.content : undefined, order >= 0 ? should?.content : undefined];
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    keys.push(key);
    if (storedContent !== derivedContent) differences.push({ key, stored: storedContent ?? null, derived: derivedContent ?? null });
  }
  return { keys, differences };
}

function countByTable(keys: readonly StateRowKey[]): ComparedPage["compared"] {
  const counts = { mark: 0, entity: 0, index: 0, cell: 0 };
  for (const { table } of keys) counts[table] += 1;
  return counts;
}
