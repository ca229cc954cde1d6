import type { CapacityTag } from "../client/capacity-meter.ts";
import type { TableName } from "../tables.ts";

/**
 * How the content of one kind of page is changed and stored. A page is one item of the state: entries that are written together because they
 * change together. Contents are values; `apply` returns a new one.
 */
export type PageCodec<Content, Change> = {
  readonly empty: Content;
  /** @param changes oldest first */
  apply(content: Content, changes: readonly Change[]): Content;
  isEmpty(content: Content): boolean;
  encode(content: Content): Uint8Array;
  /** @throws when the bytes are not those that `encode` made */
  decode(bytes: Uint8Array): Content;
};

export type PageRef<Content = unknown, Change = unknown> = {
  readonly codec: PageCodec<Content, Change>;
  readonly tag: CapacityTag;
  readonly table: TableName;
  readonly pk: string;
  readonly sk: string;
  /** Unix seconds from which on no reader asks for the page. */
  readonly expiresAt?: number;
};

export type PageChange<Content = unknown, Change = unknown> = { readonly page: PageRef<Content, Change>; readonly change: Change };

/** The identity of a page. */
export type PageKey = Pick<PageRef, "table" | "pk" | "sk">;

export function pageId({ table, pk, sk }: PageKey): string {
  return `${table} ${pk} ${sk}`;
}
