import { bucketStart, type Tier, tierMs } from "@trinity/aggregation/bucket";
import { tiersByRank } from "@trinity/storage/cell-order";
import type { FoldTime } from "@trinity/storage/event-store";
import { type BucketCheck, lastRepairsMax, type RepairRecord, type VerificationSummary } from "@trinity/storage/verification-store";
import type { Dynamo } from "../client/dynamo.ts";
import { decodeList, foldTimesPartition, joinedLists, type Listed, listSortKey, repairsPartition } from "./list-page.ts";
import type { Manifest } from "./manifest.ts";
import type { MemTable } from "./mem-table.ts";
import { mergePartitions } from "./merge-partitions.ts";
import { pageId } from "./page.ts";
import type { PageStore } from "./page-store.ts";
import { type BucketStatus, checkedStatus, idOfBucket, type StatusPage, statusPageRef, statusPartition } from "./status-page.ts";

const listsAtOnce = 10;

/** Reads the status of buckets, fold times and repairs. */
export class VerificationReader {
  readonly #dynamo: Dynamo;
  readonly #pages: PageStore;
  readonly #memTable: MemTable;

  constructor(dynamo: Dynamo, pages: PageStore, memTable: MemTable) {
    this.#dynamo = dynamo;
    this.#pages = pages;
    this.#memTable = memTable;
  }

  async summary(at: Manifest): Promise<VerificationSummary> {
    const { frozenBeforeMs, lastCycle, repairs } = at;
    const statuses = await this.#statuses(at);
    const checked = statuses.filter(({ checkedAtMs }) => checkedAtMs !== null);
    const repaired = checked.filter(({ repairedAtMs }) => repairedAtMs !== null).length;
    return {
      buckets: statuses.length,
      verified: checked.length - repaired,
      pending: statuses.length - checked.length,
      repaired,
      frozen: statuses.filter((status) => endOf(status) <= frozenBeforeMs).length,
      frozenBeforeMs,
      lastCycle,
      repairs,
      lastRepairs: await this.#lastRepairs(at),
    };
  }

  /** @returns how many buckets that end in `(fromMs, toMs]` are pending */
  async pendingBetween(fromMs: number, toMs: number, at: Manifest): Promise<number> {
    const statuses = await this.#statuses(at);
    return statuses.filter((status) => status.checkedAtMs === null && endOf(status) > fromMs && endOf(status) <= toMs).length;
  }

  async pendingDays(at: Manifest): Promise<readonly number[]> {
    const pending = (await this.#statuses(at)).filter(({ checkedAtMs }) => checkedAtMs === null);
    return [...new Set(pending.map(({ bucketMs }) => bucketStart("day", bucketMs)))].sort((a, b) => a - b);
  }

  /** @returns the checks that change a status */
  async effectiveChecksOf(checks: readonly BucketCheck[], checkedAtMs: number, at: Manifest): Promise<readonly BucketCheck[]> {
    const kept = checks.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= at.watermark.minutesFromMs);
    const pages = new Map(kept.map((check) => [pageId(statusPageRef(check)), statusPageRef(check)]));
    const contents = await this.#pages.readMany([...pages.values()], at, "treat as empty");
    const statuses = new Map<string, BucketStatus>(contents.flatMap((content) => [...content]));
    return kept.filter((check) => {
      const was = statuses.get(idOfBucket(check));
      return checkedStatus(was, check, checkedAtMs) !== was;
    });
  }

  async foldTimes(afterSeq: number, limit: number, at: Manifest): Promise<readonly FoldTime[]> {
    const inMemTable = this.#memTable.foldTimes().filter(({ sequence }) => sequence > at.compactedThrough);
    const lists: (readonly Listed<FoldTime>[])[] = [inMemTable];
    // Newest first, until a list begins at or before `afterSeq`: sort keys are deltas, not chunks.
    for (let before: string | undefined = listSortKey(at.compactedThrough); before !== undefined; ) {
      const items = await this.#dynamo.query("status", "state", foldTimesPartition, { to: before, descending: true, limit: listsAtOnce });
      const older = items.map(({ data }) => decodeList<FoldTime>(data as Uint8Array));
      lists.push(...older);
      const first = older.at(-1)?.[0];
      const isEnd = items.length < listsAtOnce || first === undefined || first.value.toSeq <= afterSeq;
      before = isEnd ? undefined : previousOf(items.at(-1)?.sk as string);
    }
    return joinedLists(lists, at.sequence)
      .filter(({ toSeq }) => toSeq > afterSeq)
      .slice(0, limit);
  }

  async #lastRepairs(at: Manifest): Promise<readonly RepairRecord[]> {
    const items = await this.#dynamo.query("status", "state", repairsPartition, { descending: true, limit: lastRepairsMax });
    const lists = items.map(({ data }) => decodeList<readonly RepairRecord[]>(data as Uint8Array));
    return joinedLists([...lists, this.#memTable.repairs()], at.sequence)
      .flat()
      .slice(-lastRepairsMax)
      .reverse();
  }

  async #statuses(at: Manifest): Promise<readonly BucketStatus[]> {
    const settings = { dynamo: this.#dynamo, pages: this.#pages, memTable: this.#memTable, at, onDamage: "treat as empty" } as const;
    const statuses: BucketStatus[] = [];
    for (const tier of tiersByRank) {
      const refOf = (sk: string) => ({ ...statusPageRef({ tier, bucketMs: 0 }), sk });
      for await (const { content } of mergePartitions(settings, "state", [statusPartition(tier)], "0", refOf))
        statuses.push(...currentOf(tier, content, at));
    }
    return statuses;
  }
}

function currentOf(tier: Tier, content: StatusPage, { watermark }: Manifest): readonly BucketStatus[] {
  const statuses = [...content.values()];
  return tier === "minute" ? statuses.filter(({ bucketMs }) => bucketMs >= watermark.minutesFromMs) : statuses;
}

function endOf({ tier, bucketMs }: BucketStatus): number {
  return bucketMs + tierMs[tier];
}

function previousOf(sk: string): string | undefined {
  const number = Number(sk);
  return number === 0 ? undefined : listSortKey(number - 1);
}
