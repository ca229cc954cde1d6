/** Characters of a UUID in its canonical spelling (RFC 9562), which is lower case. */
export const uuidCharacters = 36;
export const uuidBytes = 16;

const hyphen = 0x2d;
const notADigit = 0xff;
const digits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const digitOf = new Uint8Array(0x80).fill(notADigit);
for (const [value, unit] of digits.entries()) digitOf[unit] = value;
const isHyphenAt = (i: number) => i === 8 || i === 13 || i === 18 || i === 23;

/**
 * Writes the 16 bytes of a UUID, in one pass, because every event has one.
 * @returns false for any text but a UUID in its canonical spelling; the bytes may be written in part then
 */
export function writeUuid(text: string, bytes: Uint8Array, start: number): boolean {
  if (text.length !== uuidCharacters) return false;
  let at = start;
  for (let i = 0; i < uuidCharacters; i += 2) {
    if (isHyphenAt(i)) {
      if (text.charCodeAt(i) !== hyphen) return false;
      i += 1;
    }
    const high = digitOf[text.charCodeAt(i)] ?? notADigit;
    const low = digitOf[text.charCodeAt(i + 1)] ?? notADigit;
    if (high === notADigit || low === notADigit) return false;
    bytes[at++] = (high << 4) | low;
  }
  return true;
}

// One for all texts: an allocation for each would take as long as the rest.
const written = Buffer.alloc(uuidCharacters, hyphen);

/** @returns the UUID of 16 bytes */
export function uuidText(bytes: Uint8Array, start: number): string {
  let at = start;
  for (let i = 0; i < uuidCharacters; i += 2) {
    if (isHyphenAt(i)) i += 1;
    const byte = bytes[at++] as number;
    written[i] = digits[byte >> 4] as number;
    written[i + 1] = digits[byte & 0xf] as number;
  }
  return written.toString("latin1");
}
