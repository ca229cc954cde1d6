import { compareUtf8 } from "@trinity/storage/text-order";
import type { Dynamo, Item } from "../client/dynamo.ts";
import type { TableName } from "../tables.ts";
import type { MemTable } from "./mem-table.ts";
import type { PageRef } from "./page.ts";
import type { OnDamage, PageStore, Snapshot } from "./page-store.ts";

export type MergeSettings = {
  readonly dynamo: Dynamo;
  readonly pages: PageStore;
  readonly memTable: MemTable;
  readonly at: Snapshot;
  readonly onDamage: OnDamage;
};

const firstQueryItems = 30;
const queryItemsMax = 480;

/**
 * Merges the pages of several partitions with sort keys in `[from, to]` into one sequence in order of sort key. Pages that exist only in the mem
 * table are included.
 * @param hasItems false when the partitions are known to have no items yet, which saves the queries
 */
export async function* mergePartitions<Content, Change>(
  { dynamo, pages, memTable, at, onDamage }: MergeSettings,
  table: TableName,
  partitions: readonly string[],
  from: string,
  refOf: (sk: string, pk: string) => PageRef<Content, Change>,
  { to, hasItems = true }: { readonly to?: string; readonly hasItems?: boolean } = {},
): AsyncGenerator<{ readonly sk: string; readonly content: Content }> {
  const cursors = partitions.map(
    (pk) => new PartitionCursor(dynamo, memTable, refOf("=", pk) as unknown as PageRef, table, pk, { from, to, hasItems }),
  );
  for (;;) {
    await Promise.all(cursors.map((cursor) => cursor.fill()));
    const next = cursors.reduce<PartitionCursor | null>((lowest, cursor) => (cursor.isBefore(lowest) ? cursor : lowest), null);
    const head = next?.take();
    if (head === undefined || next === null) return;
    const { sk, item } = head;
    const page = refOf(sk, next.pk);
    const content = item === null ? pages.contentWithoutItem(page, at) : await pages.contentOf(page, item, at, onDamage);
    yield { sk, content };
  }
}

type CursorRange = { readonly from: string; readonly to: string | undefined; readonly hasItems: boolean };
type Head = { readonly sk: string; readonly item: Item | null };

/** Position in one partition: the next stored item, and the next changed page of the mem table. */
class PartitionCursor {
  readonly pk: string;
  readonly #dynamo: Dynamo;
  readonly #page: PageRef;
  readonly #table: TableName;
  readonly #to: string | undefined;
  #items: readonly Item[] = [];
  #changed: readonly string[];
  #from: string | null;
  #limit = firstQueryItems;

  constructor(dynamo: Dynamo, memTable: MemTable, page: PageRef, table: TableName, pk: string, { from, to, hasItems }: CursorRange) {
    this.#dynamo = dynamo;
    this.#page = page;
    this.#table = table;
    this.pk = pk;
    this.#from = hasItems ? from : null;
    this.#to = to;
    const isWithin = (sk: string) => compareUtf8(sk, from) >= 0 && (to === undefined || compareUtf8(sk, to) <= 0);
    this.#changed = memTable
      .pagesIn(table, pk)
      .map(({ sk }) => sk)
      .filter(isWithin)
      .sort(compareUtf8);
  }

  /** Fetches the next items when none are left. */
  async fill(): Promise<void> {
    if (this.#items.length > 0 || this.#from === null) return;
    const range = { from: this.#from, ...(this.#to === undefined ? {} : { to: this.#to }), limit: this.#limit };
    this.#items = await this.#dynamo.query(this.#page.tag, this.#table, this.pk, range);
    const last = this.#items.at(-1);
    // Continue after the last one, at the smallest greater text.
    this.#from = last === undefined || this.#items.length < this.#limit ? null : `${last.sk}\u0000`;
    this.#limit = Math.min(queryItemsMax, this.#limit * 4);
  }

  isBefore(other: PartitionCursor | null): boolean {
    const [own, others] = [this.#head, other === null ? undefined : other.#head];
    return own !== undefined && (others === undefined || compareUtf8(own.sk, others.sk) < 0);
  }

  take(): Head | undefined {
    const head = this.#head;
    if (head === undefined) return undefined;
    if (head.item !== null) this.#items = this.#items.slice(1);
    if (this.#changed[0] === head.sk) this.#changed = this.#changed.slice(1);
    return head;
  }

  get #head(): Head | undefined {
    const [item] = this.#items;
    const [changed] = this.#changed;
    if (item === undefined) return changed === undefined ? undefined : { sk: changed, item: null };
    if (changed !== undefined && compareUtf8(changed, item.sk) < 0) return { sk: changed, item: null };
    return { sk: item.sk, item };
  }
}
