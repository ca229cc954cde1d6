import { createHash } from "node:crypto";

/** A chunk's number and the digest of its body. A log that was rolled back and has grown again has another digest there. */
export type ChunkDigest = { readonly seq: number /** SHA-256 of the body. */; readonly digest: Uint8Array };

/** @param body as stored */
export function digestOf(seq: number, body: Uint8Array): ChunkDigest {
  return { seq, digest: createHash("sha256").update(body).digest() };
}
