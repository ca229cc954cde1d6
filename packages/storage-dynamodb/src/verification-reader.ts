import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import { tiersByRank } from "@trinity/storage/cell-order";
import type { FoldTime } from "@trinity/storage/event-store";
import { type BucketCheck, lastRepairsMax, type RepairRecord, type VerificationSummary } from "@trinity/storage/verification-store";
import type { Dynamo } from "./dynamo.ts";
import { decodeList, foldTimesPartition, joinedLists, type Listed, listSortKey, repairsPartition } from "./list-page.ts";
import type { Manifest } from "./manifest.ts";
import { type BucketMark, checkedMark, idOfBucket, type MarkPage, markPageRef, markPartition } from "./mark-page.ts";
import { mergedPages } from "./merged-pages.ts";
import type { Overlay } from "./overlay.ts";
import { pageId } from "./page.ts";
import type { PageStore } from "./page-store.ts";

const listsAtOnce = 10;

/** What is known of the buckets, when the log was folded, and what was repaired. */
export class VerificationReader {
  readonly #dynamo: Dynamo;
  readonly #pages: PageStore;
  readonly #overlay: Overlay;

  constructor(dynamo: Dynamo, pages: PageStore, overlay: Overlay) {
    this.#dynamo = dynamo;
    this.#pages = pages;
    this.#overlay = overlay;
  }

  async summary(at: Manifest): Promise<VerificationSummary> {
    const { frozenBeforeMs, lastCycle, repairs } = at;
    const marks = await this.#marks(at);
    const checked = marks.filter(({ checkedAtMs }) => checkedAtMs !== null);
    const repaired = checked.filter(({ repairedAtMs }) => repairedAtMs !== null).length;
    return {
      buckets: marks.length,
      verified: checked.length - repaired,
      pending: marks.length - checked.length,
      repaired,
      frozen: marks.filter((mark) => endOf(mark) <= frozenBeforeMs).length,
      frozenBeforeMs,
      lastCycle,
      repairs,
      lastRepairs: await this.#lastRepairs(at),
    };
  }

  /** @returns how many buckets that end in `(fromMs, toMs]` are pending */
  async pendingBetween(fromMs: number, toMs: number, at: Manifest): Promise<number> {
    const marks = await this.#marks(at);
    return marks.filter((mark) => mark.checkedAtMs === null && endOf(mark) > fromMs && endOf(mark) <= toMs).length;
  }

  /** @returns the checks that change a mark */
  async tellingOf(checks: readonly BucketCheck[], checkedAtMs: number, at: Manifest): Promise<readonly BucketCheck[]> {
    const kept = checks.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= at.watermark.minutesFromMs);
    const pages = new Map(kept.map((check) => [pageId(markPageRef(check)), markPageRef(check)]));
    const contents = await this.#pages.readMany([...pages.values()], at, "counts as nothing");
    const marks = new Map<string, BucketMark>(contents.flatMap((content) => [...content]));
    return kept.filter((check) => {
      const was = marks.get(idOfBucket(check));
      return checkedMark(was, check, checkedAtMs) !== was;
    });
  }

  async foldTimes(afterSeq: number, limit: number, at: Manifest): Promise<readonly FoldTime[]> {
    const inOverlay = this.#overlay.foldTimes().filter(({ position }) => position > at.floor);
    const lists: (readonly Listed<FoldTime>[])[] = [inOverlay];
    // Newest first until one begins before what is asked for: positions tell nothing of chunks.
    for (let before: string | undefined = listSortKey(at.floor); before !== undefined; ) {
      const items = await this.#dynamo.query("marks", "state", foldTimesPartition, { to: before, descending: true, limit: listsAtOnce });
      const older = items.map(({ data }) => decodeList<FoldTime>(data as Uint8Array));
      lists.push(...older);
      const first = older.at(-1)?.[0];
      const isEnd = items.length < listsAtOnce || first === undefined || first.value.toSeq <= afterSeq;
      before = isEnd ? undefined : previousOf(items.at(-1)?.sk as string);
    }
    return joinedLists(lists, at.position)
      .filter(({ toSeq }) => toSeq > afterSeq)
      .slice(0, limit);
  }

  async #lastRepairs(at: Manifest): Promise<readonly RepairRecord[]> {
    const items = await this.#dynamo.query("marks", "state", repairsPartition, { descending: true, limit: lastRepairsMax });
    const lists = items.map(({ data }) => decodeList<readonly RepairRecord[]>(data as Uint8Array));
    return joinedLists([...lists, this.#overlay.repairs()], at.position)
      .flat()
      .slice(-lastRepairsMax)
      .reverse();
  }

  async #marks(at: Manifest): Promise<readonly BucketMark[]> {
    const settings = { dynamo: this.#dynamo, pages: this.#pages, overlay: this.#overlay, at, damage: "counts as nothing" } as const;
    const marks: BucketMark[] = [];
    for (const tier of tiersByRank) {
      const refOf = (sk: string) => ({ ...markPageRef({ tier, bucketMs: 0 }), sk });
      for await (const { content } of mergedPages(settings, "state", [markPartition(tier)], "0", refOf))
        marks.push(...keptOf(tier, content, at));
    }
    return marks;
  }
}

function keptOf(tier: Tier, content: MarkPage, { watermark: mark }: Manifest): readonly BucketMark[] {
  const marks = [...content.values()];
  return tier === "minute" ? marks.filter(({ bucketMs }) => bucketMs >= mark.minutesFromMs) : marks;
}

function endOf({ tier, bucketMs }: BucketMark): number {
  return bucketMs + tierMs[tier];
}

function previousOf(sk: string): string | undefined {
  const number = Number(sk);
  return number === 0 ? undefined : listSortKey(number - 1);
}
