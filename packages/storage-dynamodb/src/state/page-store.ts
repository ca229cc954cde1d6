import { DamagedStateError, StoreUnavailableError } from "@trinity/storage/event-store";
import { blobFieldsOf, pieceKeysOf, readBlob, writeBlob } from "../client/blob.ts";
import { type Dynamo, type Item, onlyOverOlder } from "../client/dynamo.ts";
import { slicesOf } from "../client/slices.ts";
import type { Manifest } from "./manifest.ts";
import type { MemTable } from "./mem-table.ts";
import { type PageRef, pageId } from "./page.ts";

/** The state as of one delta, over pages that contain the deltas up to `compactedThrough`. */
export type Snapshot = Pick<Manifest, "sequence" | "compactedThrough">;

/** Another process compacted pages beyond this snapshot while it was read. Read again at the current version. */
export class SnapshotTooOldError extends StoreUnavailableError {
  constructor() {
    super("the state changed while it was read");
  }
}

/** What to do with a page that cannot be decoded: verification treats it as empty, all other readers fail. */
export type OnDamage = "fail" | "treat as empty";

/** Content with all deltas up to `through`. `isDamaged`: the stored page could not be decoded. */
type Version<Content> = { readonly through: number; readonly content: Content; readonly isDamaged?: true };
type Cached = { readonly page: PageRef; base: Version<unknown>; latest: Version<unknown> };

/** When a page is larger than this, the one that it replaces may have pieces to delete. */
const mayHavePiecesBytes = 100 * 1024;
/** Empty pages expire after seven days, longer than any delayed write can take. */
const emptyPageKeptSec = 7 * 86_400;

/** Pages at a snapshot: the stored page and the later changes of the mem table. Pages that were read are cached. */
export class PageStore {
  readonly #dynamo: Dynamo;
  readonly #memTable: MemTable;
  readonly #cacheSize: number;
  readonly #cache = new Map<string, Cached>();

  constructor(dynamo: Dynamo, memTable: MemTable, cacheSize = 10_000) {
    this.#dynamo = dynamo;
    this.#memTable = memTable;
    this.#cacheSize = cacheSize;
  }

  /** @returns contents in the order of the pages; a page without an item is empty */
  async readMany<Content, Change>(
    pages: readonly PageRef<Content, Change>[],
    at: Snapshot,
    onDamage: OnDamage = "fail",
  ): Promise<readonly Content[]> {
    // Referenced from here on, because pages that are fetched may evict these from the cache.
    const cached = new Map(pages.map((page) => [pageId(page), this.#cache.get(pageId(page))]));
    const unknown = new Map(pages.filter((page) => cached.get(pageId(page)) === undefined).map((page) => [pageId(page), page]));
    const fetched = await this.#fetch([...unknown.values()], onDamage, at);
    return pages.map((page) => {
      const id = pageId(page);
      return this.#contentAt(page, (cached.get(id) ?? this.#cache.get(id) ?? fetched.get(id)) as Cached, at);
    });
  }

  /** @returns the content of a page whose item is already read */
  async contentOf<Content, Change>(
    page: PageRef<Content, Change>,
    item: Item,
    at: Snapshot,
    onDamage: OnDamage = "fail",
  ): Promise<Content> {
    return this.#contentAt(page, cachedOf(page, await this.#decoded(page, item, at, onDamage)), at);
  }

  /** @returns the content of a page that has no item, only changes */
  contentWithoutItem<Content, Change>(page: PageRef<Content, Change>, at: Snapshot): Content {
    return this.#contentAt(page, cachedOf(page, { through: at.compactedThrough, content: page.codec.empty }), at);
  }

  /**
   * Writes a page as of a delta, unless the stored page is as new or newer.
   * @param content the content at that delta
   * @param token unique for every call
   */
  async write<Content, Change>(
    page: PageRef<Content, Change>,
    content: Content,
    { sequence, changedAtMs }: Pick<Manifest, "sequence" | "changedAtMs">,
    token: string,
  ): Promise<void> {
    const { codec, tag, table, pk, sk } = page;
    const bytes = codec.encode(content);
    const replaced = bytes.length > mayHavePiecesBytes ? await this.#dynamo.get(tag, table, { pk, sk }) : null;
    const fields = await writeBlob(this.#dynamo, tag, table, token, bytes);
    const expiresAt = codec.isEmpty(content) ? Math.floor(changedAtMs / 1_000) + emptyPageKeptSec : page.expiresAt;
    const item: Item = { pk, sk, through: sequence, ...fields, ...(expiresAt === undefined ? {} : { expiresAt }) };
    const outcome = await this.#dynamo.putIf(tag, table, item, onlyOverOlder(sequence));
    const isWritten = outcome.written || ("token" in fields && outcome.found?.token === token);
    const stale = isWritten ? (replaced === null ? [] : pieceKeysOf(blobFieldsOf(replaced))) : pieceKeysOf(fields);
    if (stale.length > 0) await this.#dynamo.writeAll(tag, table, [], stale);
  }

  /** Applies deltas to cached pages before the mem table drops them. */
  advance(compactedThrough: number): void {
    for (const [id, cached] of this.#cache) {
      if (cached.base.through < compactedThrough) {
        const from = cached.latest.through <= compactedThrough ? cached.latest : cached.base;
        cached.base = {
          through: compactedThrough,
          content: applied(cached.page, from.content, this.#memTable.changesOf(id, from.through, compactedThrough)),
        };
      }
      if (cached.latest.through < cached.base.through) cached.latest = cached.base;
    }
  }

  clear(): void {
    this.#cache.clear();
  }

  async #fetch(pages: readonly PageRef[], onDamage: OnDamage, at: Snapshot): Promise<ReadonlyMap<string, Cached>> {
    const fetched = new Map<string, Cached>();
    const byTable = Map.groupBy(pages, ({ table, tag }) => `${tag} ${table}`);
    await Promise.all(
      [...byTable.values()].map(async (ofTable) => {
        const { table, tag } = ofTable[0] as PageRef;
        for (const slice of slicesOf(ofTable, 1_000)) {
          const items = new Map((await this.#dynamo.getAll(tag, table, slice)).map((item) => [`${item.pk} ${item.sk}`, item]));
          for (const page of slice) {
            const item = items.get(`${page.pk} ${page.sk}`);
            const none = { through: at.compactedThrough, content: page.codec.empty };
            const base = item === undefined ? none : await this.#decoded(page, item, at, onDamage);
            fetched.set(pageId(page), cachedOf(page, base));
          }
        }
      }),
    );
    // Damaged pages are not cached: a repair may rewrite them.
    for (const [id, cached] of fetched) if (cached.base.isDamaged !== true) this.#addToCache(id, cached);
    return fetched;
  }

  #addToCache(id: string, cached: Cached): void {
    // Another reader may have cached the page first; that entry is the one kept current.
    if (this.#cache.has(id)) return;
    this.#cache.set(id, cached);
    if (this.#cache.size > this.#cacheSize) this.#cache.delete(this.#cache.keys().next().value as string);
  }

  async #decoded({ codec, table, tag }: PageRef, item: Item, at: Snapshot, onDamage: OnDamage): Promise<Version<unknown>> {
    // Pages contain all deltas up to `compactedThrough`, so an older page has not changed since.
    const through = Math.max(item.through as number, at.compactedThrough);
    const bytes = await readBlob(this.#dynamo, tag, table, blobFieldsOf(item));
    // Pieces are deleted when a page is replaced, so the item that was read is of an older version.
    if (bytes === null) throw new SnapshotTooOldError();
    try {
      return { through, content: codec.decode(bytes) };
    } catch (error) {
      if (onDamage === "treat as empty") return { through, content: codec.empty, isDamaged: true };
      throw new DamagedStateError("a page of the state cannot be read", { cause: error });
    }
  }

  #contentAt<Content, Change>(page: PageRef<Content, Change>, cached: Cached, { sequence }: Snapshot): Content {
    const from = (cached.latest.through <= sequence ? cached.latest : cached.base) as Version<Content>;
    // The cached page is newer than the snapshot, or older than the first delta in the mem table.
    if (from.through > sequence || from.through < this.#memTable.compactedThrough) throw new SnapshotTooOldError();
    const content = applied(
      page as PageRef,
      from.content,
      this.#memTable.changesOf(pageId(page as PageRef), from.through, sequence),
    ) as Content;
    if (sequence >= cached.latest.through) cached.latest = { through: sequence, content };
    return content;
  }
}

function cachedOf<Content, Change>(page: PageRef<Content, Change>, base: Version<unknown>): Cached {
  return { page: page as unknown as PageRef, base, latest: base };
}

function applied(page: PageRef, content: unknown, changes: readonly unknown[]): unknown {
  return changes.length === 0 ? content : page.codec.apply(content, changes);
}
