import { compareUtf8 } from "@trinity/storage/text-order";
import type { Dynamo, Item } from "../client/dynamo.ts";
import type { TableName } from "../tables.ts";
import type { Overlay } from "./mem-table.ts";
import type { PageRef } from "./page.ts";
import type { Damage, PageStore, Position } from "./page-store.ts";

export type MergeSettings = {
  readonly dynamo: Dynamo;
  readonly pages: PageStore;
  readonly overlay: Overlay;
  readonly at: Position;
  readonly damage: Damage;
};

const itemsAtFirst = 30;
const itemsAtMost = 480;

/**
 * The pages of several partitions with sort keys in `[from, to]`, in order of sort key, with those that only the overlay has among them.
 * @param hasItems false where it is known that there are only changes: nothing is asked for then
 */
export async function* mergedPages<Content, Change>(
  { dynamo, pages, overlay, at, damage }: MergeSettings,
  table: TableName,
  partitions: readonly string[],
  from: string,
  refOf: (sk: string, pk: string) => PageRef<Content, Change>,
  { to, hasItems = true }: { readonly to?: string; readonly hasItems?: boolean } = {},
): AsyncGenerator<{ readonly sk: string; readonly content: Content }> {
  const lanes = partitions.map((pk) => new Lane(dynamo, overlay, refOf("=", pk) as unknown as PageRef, table, pk, { from, to, hasItems }));
  for (;;) {
    await Promise.all(lanes.map((lane) => lane.fill()));
    const next = lanes.reduce<Lane | null>((lowest, lane) => (lane.isBefore(lowest) ? lane : lowest), null);
    const head = next?.take();
    if (head === undefined || next === null) return;
    const { sk, item } = head;
    const page = refOf(sk, next.pk);
    const content = item === null ? pages.newContentOf(page, at) : await pages.contentOf(page, item, at, damage);
    yield { sk, content };
  }
}

type LaneRange = { readonly from: string; readonly to: string | undefined; readonly hasItems: boolean };
type Head = { readonly sk: string; readonly item: Item | null };

/** One partition: its items, and the sort keys of changed pages. */
class Lane {
  readonly pk: string;
  readonly #dynamo: Dynamo;
  readonly #page: PageRef;
  readonly #table: TableName;
  readonly #to: string | undefined;
  #items: readonly Item[] = [];
  #changed: readonly string[];
  #from: string | null;
  #limit = itemsAtFirst;

  constructor(dynamo: Dynamo, overlay: Overlay, page: PageRef, table: TableName, pk: string, { from, to, hasItems }: LaneRange) {
    this.#dynamo = dynamo;
    this.#page = page;
    this.#table = table;
    this.pk = pk;
    this.#from = hasItems ? from : null;
    this.#to = to;
    const isWithin = (sk: string) => compareUtf8(sk, from) >= 0 && (to === undefined || compareUtf8(sk, to) <= 0);
    this.#changed = overlay
      .pagesIn(table, pk)
      .map(({ sk }) => sk)
      .filter(isWithin)
      .sort(compareUtf8);
  }

  /** Makes sure that the head is known. */
  async fill(): Promise<void> {
    if (this.#items.length > 0 || this.#from === null) return;
    const range = { from: this.#from, ...(this.#to === undefined ? {} : { to: this.#to }), limit: this.#limit };
    this.#items = await this.#dynamo.query(this.#page.tag, this.#table, this.pk, range);
    const last = this.#items.at(-1);
    // Behind the last one: the smallest text that is greater.
    this.#from = last === undefined || this.#items.length < this.#limit ? null : `${last.sk}\u0000`;
    this.#limit = Math.min(itemsAtMost, this.#limit * 4);
  }

  isBefore(other: Lane | null): boolean {
    const [ours, theirs] = [this.#head, other === null ? undefined : other.#head];
    return ours !== undefined && (theirs === undefined || compareUtf8(ours.sk, theirs.sk) < 0);
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
