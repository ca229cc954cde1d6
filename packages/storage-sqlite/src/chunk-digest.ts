import { createHash } from "node:crypto";

/** A chunk of the log by its number and what it holds: a log that was rolled back and has grown again holds another one there. */
export type ChunkDigest = { readonly seq: number /** SHA-256 of the body. */; readonly digest: Uint8Array };

/** @param body as it is stored */
export function digestOf(seq: number, body: Uint8Array): ChunkDigest {
  return { seq, digest: createHash("sha256").update(body).digest() };
}
