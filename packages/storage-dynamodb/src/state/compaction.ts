import { type Dynamo, onlyOverOlder } from "../client/dynamo.ts";
import { inParallel, slicesOf } from "../client/in-parallel.ts";
import type { CellPartitions } from "./cell-partitions.ts";
import { encodeList, foldTimesPartition, type Listed, listSortKey, repairsPartition } from "./list-page.ts";
import type { Manifest } from "./manifest.ts";
import type { Overlay } from "./mem-table.ts";
import type { PageRef } from "./page.ts";
import type { PageStore } from "./page-store.ts";
import type { StateLog } from "./state-log.ts";

const pagesRead = 400;
const pagesAtOnce = 24;

/**
 * Puts the steps behind the floor into the pages, and raises the floor. Each page is written as of one position, and only over an older one, so
 * several processes may do the same at once, any of them may die half way, and a late write changes nothing.
 */
export class Compaction {
  readonly #dynamo: Dynamo;
  readonly #state: StateLog;
  readonly #pages: PageStore;
  readonly #overlay: Overlay;
  readonly #partitions: CellPartitions;

  constructor(dynamo: Dynamo, state: StateLog, pages: PageStore, overlay: Overlay, partitions: CellPartitions) {
    this.#dynamo = dynamo;
    this.#state = state;
    this.#pages = pages;
    this.#overlay = overlay;
    this.#partitions = partitions;
  }

  async run(): Promise<void> {
    const position = await this.#state.atOneMoment(async (at) => {
      const pages = this.#overlay.changedPages(at.position).map(({ page }) => page);
      await this.#partitions.write();
      for (const slice of slicesOf(pages, pagesRead)) await this.#writePages(slice, at);
      await this.#writeList(foldTimesPartition, at, this.#overlay.foldTimes());
      await this.#writeList(repairsPartition, at, this.#overlay.repairs());
      return at.position;
    });
    await this.#state.raiseFloor(position);
  }

  async #writePages(pages: readonly PageRef[], at: Manifest): Promise<void> {
    const contents = await this.#pages.readMany(pages, at, "counts as nothing");
    const indexes = pages.map((_, i) => i);
    await inParallel(indexes, pagesAtOnce, (i) =>
      this.#pages.write(pages[i] as PageRef, contents[i], at, `page.${this.#state.newToken()}`),
    );
  }

  async #writeList(pk: string, { floor, position }: Manifest, listed: readonly Listed<unknown>[]): Promise<void> {
    const added = listed.filter((entry) => entry.position > floor && entry.position <= position);
    if (added.length === 0) return;
    const item = { pk, sk: listSortKey(floor), through: position, data: encodeList(added) };
    await this.#dynamo.putIf("marks", "state", item, onlyOverOlder(position));
  }
}
