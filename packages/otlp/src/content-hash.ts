import { hash } from "node:crypto";

const hexDigits = 40;

/** 160 bits of SHA-256 in hex: room for a prefix within the 64 characters of an event id, and no two facts alike by chance. */
export function contentHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, hexDigits);
}
