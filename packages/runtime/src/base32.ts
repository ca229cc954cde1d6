const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 base32 in lower case without padding: survives double clicks, URLs and being read out. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff; // at most 4 bits wait for the next byte
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(pending >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + alphabet[(pending << (5 - bits)) & 31] : text;
}

/** @returns the bytes of a `base32` text; null for any other text */
export function bytesOfBase32(text: string): Buffer | null {
  const bytes: number[] = [];
  let bits = 0;
  let pending = 0;
  for (const letter of text) {
    const value = alphabet.indexOf(letter);
    if (value === -1) return null;
    pending = ((pending << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((pending >> (bits -= 8)) & 0xff);
  }
  const decoded = Buffer.from(bytes);
  return base32(decoded) === text ? decoded : null;
}
