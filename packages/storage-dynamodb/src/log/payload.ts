import { crc32 } from "node:zlib";
import type { StoredEvent } from "@trinity/events/event";
import type { EventKey } from "@trinity/storage/event-store";
import { packed, unpacked } from "../client/packed.ts";

/** An event id as a text of sixteen characters, one a byte, for maps. */
export type KeyText = string;

export type RefusedKey = { readonly key: KeyText; readonly code: string };

/** What a writer brings: its events with their ids, and the ids of what was refused. */
export type LogBody = {
  readonly writer: string;
  readonly keys: readonly KeyText[];
  readonly events: readonly StoredEvent[];
  readonly refused: readonly RefusedKey[];
};

const keyBytes = 16;
const headBytes = 4;

export function keyTextOf(key: EventKey): KeyText {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}

/** How many ids, the ids as they are, for they cannot be pressed, and the rest pressed, with a checksum of the ids. */
export function encodeBody({ writer, keys, events, refused }: LogBody): Uint8Array {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(keys.length);
  const codes = refused.map(({ key, code }) => [Buffer.from(key, "latin1").toString("base64"), code]);
  const ids = Buffer.from(keys.join(""), "latin1");
  return Buffer.concat([head, ids, packed([writer, events, codes, crc32(ids)])]);
}

/**
 * The ids of a body that was written before they had a checksum are read as they are.
 * @throws when the bytes are not those that `encodeBody` made
 */
export function decodeBody(bytes: Uint8Array): LogBody {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = buffer.readUInt32BE(0);
  const ids = buffer.subarray(headBytes, headBytes + count * keyBytes);
  const [writer, events, codes, checksum] = unpacked(buffer.subarray(headBytes + ids.length)) as [
    string,
    StoredEvent[],
    [string, string][],
    number | undefined,
  ];
  if (checksum !== undefined && checksum !== crc32(ids)) throw new Error("the ids are not those that were written");
  const text = ids.toString("latin1");
  return {
    writer,
    keys: Array.from({ length: count }, (_, i) => text.slice(i * keyBytes, (i + 1) * keyBytes)),
    events,
    refused: codes.map(([key, code]) => ({ key: Buffer.from(key, "base64").toString("latin1"), code })),
  };
}
