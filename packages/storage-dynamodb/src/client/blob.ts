import { mapConcurrently } from "@trinity/runtime/limiter";
import type { TableName } from "../tables.ts";
import type { CapacityTag } from "./capacity-meter.ts";
import type { Dynamo, Item, ItemKey } from "./dynamo.ts";

/**
 * Where bytes of any length are stored, although an item has at most 400 KB: in the item itself, or in pieces beside it. Every write uses a new
 * token for its pieces, so an item never refers to pieces of another write.
 */
export type BlobFields = { readonly data: Uint8Array } | { readonly token: string; readonly pieces: number };

/** Below the limit of 400 KB, which includes names and other attributes. */
const inlineBytesMax = 300 * 1024;
const pieceBytes = 380 * 1024;

const pieceKey = (token: string, piece: number): ItemKey => ({ pk: `piece#${token}`, sk: String(piece).padStart(5, "0") });

/** Writes the pieces, if any. The caller then puts the item with the returned fields. @param inlineMax bytes to store in the item itself */
export async function writeBlob(
  dynamo: Dynamo,
  tag: CapacityTag,
  table: TableName,
  token: string,
  bytes: Uint8Array,
  inlineMax = inlineBytesMax,
): Promise<BlobFields> {
  if (bytes.length <= inlineMax) return { data: bytes };
  const pieces = Math.ceil(bytes.length / pieceBytes);
  const indexes = Array.from({ length: pieces }, (_, piece) => piece);
  await mapConcurrently(indexes, 4, (piece) =>
    dynamo.put(tag, table, { ...pieceKey(token, piece), data: bytes.subarray(piece * pieceBytes, (piece + 1) * pieceBytes) }),
  );
  return { token, pieces };
}

/** @returns null when a piece is missing, because the item was replaced or removed since, or is damaged */
export async function readBlob(dynamo: Dynamo, tag: CapacityTag, table: TableName, fields: BlobFields): Promise<Uint8Array | null> {
  if ("data" in fields) return fields.data;
  const items = await dynamo.getAll(tag, table, pieceKeysOf(fields));
  if (items.length < fields.pieces) return null;
  const inOrder = [...items].sort((a, b) => (a.sk < b.sk ? -1 : 1));
  return Buffer.concat(inOrder.map(({ data }) => data as Uint8Array));
}

export function blobFieldsOf(item: Item): BlobFields {
  if (item.data !== undefined) return { data: item.data as Uint8Array };
  return { token: item.token as string, pieces: item.pieces as number };
}

export function pieceKeysOf(fields: BlobFields): readonly ItemKey[] {
  return "data" in fields ? [] : Array.from({ length: fields.pieces }, (_, piece) => pieceKey(fields.token, piece));
}
