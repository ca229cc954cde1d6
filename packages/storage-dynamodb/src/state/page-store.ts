import { DamagedStateError, StoreUnavailableError } from "@trinity/storage/event-store";
import { blobFieldsOf, pieceKeysOf, readBlob, writeBlob } from "../client/blob.ts";
import { type Dynamo, type Item, onlyOverOlder } from "../client/dynamo.ts";
import { slicesOf } from "../client/in-parallel.ts";
import type { Overlay } from "./mem-table.ts";
import { type PageRef, pageId } from "./page.ts";

/** The state as of one position. */
export type Position = { readonly position: number; readonly floor: number };

/** With when the state was changed last, by the clock of who did. */
type WritePosition = Position & { readonly changedAtMs: number };

/** Somebody has put pages together beyond the position that is being read: what is read is read again from where the state stands now. */
export class StaleViewError extends StoreUnavailableError {
  constructor() {
    super("the state moved on while it was read");
  }
}

/** A page that could not be decoded counts as empty where damage is looked for, and stops everybody else. */
export type Damage = "is an error" | "counts as nothing";

/** `isDamaged`: it stands for a page that could not be decoded. */
type Version<Content> = { readonly through: number; readonly content: Content; readonly isDamaged?: true };
type Cached = { readonly page: PageRef; base: Version<unknown>; latest: Version<unknown> };

/** Absent once the page is removed: so long after the last write that no late writer comes by any more. */
/** Pages that were larger may lie in pieces. */
const mayHavePiecesBytes = 100 * 1024;
const emptyPageKeptS = 7 * 86_400;

/** Pages with what has happened to them since they were written. Pages that were read are remembered; the overlay keeps them current. */
export class PageStore {
  readonly #dynamo: Dynamo;
  readonly #overlay: Overlay;
  readonly #pagesKept: number;
  readonly #cache = new Map<string, Cached>();

  constructor(dynamo: Dynamo, overlay: Overlay, pagesKept = 10_000) {
    this.#dynamo = dynamo;
    this.#overlay = overlay;
    this.#pagesKept = pagesKept;
  }

  /** @returns contents in the order of the pages; a page that is not there is empty */
  async readMany<Content, Change>(
    pages: readonly PageRef<Content, Change>[],
    at: Position,
    damage: Damage = "is an error",
  ): Promise<readonly Content[]> {
    // Held from here on: what is fetched may push it out of what is remembered.
    const held = new Map(pages.map((page) => [pageId(page), this.#cache.get(pageId(page))]));
    const unknown = new Map(pages.filter((page) => held.get(pageId(page)) === undefined).map((page) => [pageId(page), page]));
    const fetched = await this.#fetch([...unknown.values()], damage, at);
    return pages.map((page) => {
      const id = pageId(page);
      return this.#contentAt(page, (held.get(id) ?? this.#cache.get(id) ?? fetched.get(id)) as Cached, at);
    });
  }

  /** @returns what an item that was read for itself holds as of the position */
  async contentOf<Content, Change>(
    page: PageRef<Content, Change>,
    item: Item,
    at: Position,
    damage: Damage = "is an error",
  ): Promise<Content> {
    return this.#contentAt(page, cachedOf(page, await this.#decoded(page, item, at, damage)), at);
  }

  /** @returns what a page holds that has no item, only changes */
  newContentOf<Content, Change>(page: PageRef<Content, Change>, at: Position): Content {
    return this.#contentAt(page, cachedOf(page, { through: at.floor, content: page.family.empty }), at);
  }

  /**
   * Writes a page as of a position, unless it is written as of that or a later one already.
   * @param content what it holds there
   * @param token new for every call
   */
  async write<Content, Change>(
    page: PageRef<Content, Change>,
    content: Content,
    { position, changedAtMs }: WritePosition,
    token: string,
  ): Promise<void> {
    const { family, tag, table, pk, sk } = page;
    const bytes = family.encode(content);
    const replaced = bytes.length > mayHavePiecesBytes ? await this.#dynamo.get(tag, table, { pk, sk }) : null;
    const fields = await writeBlob(this.#dynamo, tag, table, token, bytes);
    const expiresAt = family.isEmpty(content) ? Math.floor(changedAtMs / 1_000) + emptyPageKeptS : page.expiresAt;
    const item: Item = { pk, sk, through: position, ...fields, ...(expiresAt === undefined ? {} : { expiresAt }) };
    const outcome = await this.#dynamo.putIf(tag, table, item, onlyOverOlder(position));
    const isWritten = outcome.written || ("token" in fields && outcome.found?.token === token);
    const stale = isWritten ? (replaced === null ? [] : pieceKeysOf(blobFieldsOf(replaced))) : pieceKeysOf(fields);
    if (stale.length > 0) await this.#dynamo.writeAll(tag, table, [], stale);
  }

  /** Brings what is remembered up to the floor, before the overlay forgets what led there. */
  advance(floor: number): void {
    for (const [id, cached] of this.#cache) {
      if (cached.base.through < floor) {
        const from = cached.latest.through <= floor ? cached.latest : cached.base;
        cached.base = { through: floor, content: applied(cached.page, from.content, this.#overlay.changesOf(id, from.through, floor)) };
      }
      if (cached.latest.through < cached.base.through) cached.latest = cached.base;
    }
  }

  clear(): void {
    this.#cache.clear();
  }

  async #fetch(pages: readonly PageRef[], damage: Damage, at: Position): Promise<ReadonlyMap<string, Cached>> {
    const fetched = new Map<string, Cached>();
    const byTable = Map.groupBy(pages, ({ table, tag }) => `${tag} ${table}`);
    await Promise.all(
      [...byTable.values()].map(async (ofTable) => {
        const { table, tag } = ofTable[0] as PageRef;
        for (const slice of slicesOf(ofTable, 1_000)) {
          const items = new Map((await this.#dynamo.getAll(tag, table, slice)).map((item) => [`${item.pk} ${item.sk}`, item]));
          for (const page of slice) {
            const item = items.get(`${page.pk} ${page.sk}`);
            const none = { through: at.floor, content: page.family.empty };
            const base = item === undefined ? none : await this.#decoded(page, item, at, damage);
            fetched.set(pageId(page), cachedOf(page, base));
          }
        }
      }),
    );
    // What was damaged is looked at again.
    for (const [id, cached] of fetched) if (cached.base.isDamaged !== true) this.#remember(id, cached);
    return fetched;
  }

  #remember(id: string, cached: Cached): void {
    // What another reader has remembered meanwhile is kept up to date.
    if (this.#cache.has(id)) return;
    this.#cache.set(id, cached);
    if (this.#cache.size > this.#pagesKept) this.#cache.delete(this.#cache.keys().next().value as string);
  }

  async #decoded({ family, table, tag }: PageRef, item: Item, at: Position, damage: Damage): Promise<Version<unknown>> {
    // The pages hold everything up to the floor, so one that was written before then has not changed since.
    const through = Math.max(item.through as number, at.floor);
    const bytes = await readBlob(this.#dynamo, tag, table, blobFieldsOf(item));
    // Its pieces go when a page is written anew: whoever read the item before has an old position.
    if (bytes === null) throw new StaleViewError();
    try {
      return { through, content: family.decode(bytes) };
    } catch (error) {
      if (damage === "counts as nothing") return { through, content: family.empty, isDamaged: true };
      throw new DamagedStateError("a page of the state cannot be read", { cause: error });
    }
  }

  #contentAt<Content, Change>(page: PageRef<Content, Change>, cached: Cached, { position }: Position): Content {
    const from = (cached.latest.through <= position ? cached.latest : cached.base) as Version<Content>;
    // Beyond the position, or before steps that the overlay has forgotten.
    if (from.through > position || from.through < this.#overlay.floor) throw new StaleViewError();
    const content = applied(
      page as PageRef,
      from.content,
      this.#overlay.changesOf(pageId(page as PageRef), from.through, position),
    ) as Content;
    if (position >= cached.latest.through) cached.latest = { through: position, content };
    return content;
  }
}

function cachedOf<Content, Change>(page: PageRef<Content, Change>, base: Version<unknown>): Cached {
  return { page: page as unknown as PageRef, base, latest: base };
}

function applied(page: PageRef, content: unknown, changes: readonly unknown[]): unknown {
  return changes.length === 0 ? content : page.family.apply(content, changes);
}
