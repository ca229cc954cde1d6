import { crc32 } from "node:zlib";
import type { StoredEvent } from "@trinity/events/event";
import type { EventKey } from "@trinity/storage/event-store";
import { packed, unpacked } from "../client/packed.ts";

/** An event key as text of sixteen characters, one a byte, so that it can be a key in maps. */
export type KeyText = string;

export type RefusedKey = { readonly key: KeyText; readonly code: string };

/** What one writer appends: events with their keys, and the keys of refused events. */
export type LogPayload = {
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

/** Layout: number of keys, the keys as they are (they do not compress), then the rest compressed, with a checksum of the keys. */
export function encodePayload({ writer, keys, events, refused }: LogPayload): Uint8Array {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(keys.length);
  const codes = refused.map(({ key, code }) => [Buffer.from(key, "latin1").toString("base64"), code]);
  const ids = Buffer.from(keys.join(""), "latin1");
  return Buffer.concat([head, ids, packed([writer, events, codes, crc32(ids)])]);
}

/**
 * Payloads of older releases have no checksum.
 * @throws when the bytes are not from `encodePayload`
 */
export function decodePayload(bytes: Uint8Array): LogPayload {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = buffer.readUInt32BE(0);
  const ids = buffer.subarray(headBytes, headBytes + count * keyBytes);
  const [writer, events, codes, checksum] = unpacked(buffer.subarray(headBytes + ids.length)) as [
    string,
    StoredEvent[],
    [string, string][],
    number | undefined,
  ];
  if (checksum !== undefined && checksum !== crc32(ids)) throw new Error("the checksum of the keys is wrong");
  const text = ids.toString("latin1");
  return {
    writer,
    keys: Array.from({ length: count }, (_, i) => text.slice(i * keyBytes, (i + 1) * keyBytes)),
    events,
    refused: codes.map(([key, code]) => ({ key: Buffer.from(key, "base64").toString("latin1"), code })),
  };
}
