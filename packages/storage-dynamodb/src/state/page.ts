import type { CapacityTag } from "../client/capacity-meter.ts";
import type { TableName } from "../tables.ts";

/**
 * A page is what one item of the state holds: parts of it that are written together because they change together. Contents are values: what
 * becomes of one is never seen in another.
 */
export type PageFamily<Content, Change> = {
  readonly empty: Content;
  /** In the order in which they happened. */
  apply(content: Content, changes: readonly Change[]): Content;
  isEmpty(content: Content): boolean;
  encode(content: Content): Uint8Array;
  /** @throws when the bytes are not those that `encode` made */
  decode(bytes: Uint8Array): Content;
};

export type PageRef<Content = unknown, Change = unknown> = {
  readonly family: PageFamily<Content, Change>;
  readonly tag: CapacityTag;
  readonly table: TableName;
  readonly pk: string;
  readonly sk: string;
  /** Unix seconds from which on nobody asks for the page any more. */
  readonly expiresAt?: number;
};

export type PageChange<Content = unknown, Change = unknown> = { readonly page: PageRef<Content, Change>; readonly change: Change };

/** What tells pages apart. */
export type PageKey = Pick<PageRef, "table" | "pk" | "sk">;

export function pageId({ table, pk, sk }: PageKey): string {
  return `${table} ${pk} ${sk}`;
}
