import { mapConcurrently } from "@trinity/runtime/limiter";
import { type Dynamo, onlyOverOlder } from "../client/dynamo.ts";
import { slicesOf } from "../client/slices.ts";
import type { CellPartitions } from "./cell-partitions.ts";
import { encodeList, foldTimesPartition, type Listed, listSortKey, repairsPartition } from "./list-page.ts";
import type { Manifest } from "./manifest.ts";
import type { MemTable } from "./mem-table.ts";
import type { PageRef } from "./page.ts";
import type { PageStore } from "./page-store.ts";
import type { StateLog } from "./state-log.ts";

const pagesPerRead = 400;
const pagesAtOnce = 24;

/**
 * Writes the changes of all deltas into pages, then moves `compactedThrough` forward. A page is written as of one delta and only over an older
 * page. So several processes may compact at once, each may crash half way, and a delayed write has no effect.
 */
export class Compaction {
  readonly #dynamo: Dynamo;
  readonly #state: StateLog;
  readonly #pages: PageStore;
  readonly #memTable: MemTable;
  readonly #partitions: CellPartitions;

  constructor(dynamo: Dynamo, state: StateLog, pages: PageStore, memTable: MemTable, partitions: CellPartitions) {
    this.#dynamo = dynamo;
    this.#state = state;
    this.#pages = pages;
    this.#memTable = memTable;
    this.#partitions = partitions;
  }

  async run(): Promise<void> {
    const sequence = await this.#state.readSnapshot(async (at) => {
      const pages = this.#memTable.changedPages(at.sequence).map(({ page }) => page);
      await this.#partitions.write();
      for (const slice of slicesOf(pages, pagesPerRead)) await this.#writePages(slice, at);
      await this.#writeList(foldTimesPartition, at, this.#memTable.foldTimes());
      await this.#writeList(repairsPartition, at, this.#memTable.repairs());
      return at.sequence;
    });
    await this.#state.setCompactedThrough(sequence);
  }

  async #writePages(pages: readonly PageRef[], at: Manifest): Promise<void> {
    const contents = await this.#pages.readMany(pages, at, "treat as empty");
    const indexes = pages.map((_, i) => i);
    await mapConcurrently(indexes, pagesAtOnce, (i) =>
      this.#pages.write(pages[i] as PageRef, contents[i], at, `page.${this.#state.newToken()}`),
    );
  }

  async #writeList(pk: string, { compactedThrough, sequence }: Manifest, listed: readonly Listed<unknown>[]): Promise<void> {
    const added = listed.filter((entry) => entry.sequence > compactedThrough && entry.sequence <= sequence);
    if (added.length === 0) return;
    const item = { pk, sk: listSortKey(compactedThrough), through: sequence, data: encodeList(added) };
    await this.#dynamo.putIf("status", "state", item, onlyOverOlder(sequence));
  }
}
