/**
 * Parsers and printers that recurse would run out of stack on what a sender can nest.
 * @returns whether the brackets in the bytes of a JSON text nest deeper than `depthMax`; strings do not count
 */
export function nestsTooDeep(bytes: Buffer, depthMax: number): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) i = endOfString(bytes, i + 1);
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

/** @returns the index of the quote that closes the string; the end of the bytes where none does */
function endOfString(bytes: Buffer, from: number): number {
  for (let quote = bytes.indexOf(0x22, from); quote !== -1; quote = bytes.indexOf(0x22, quote + 1)) {
    let escapes = 0;
    while (bytes[quote - 1 - escapes] === 0x5c && quote - 1 - escapes >= from) escapes += 1;
    if (escapes % 2 === 0) return quote;
  }
  return bytes.length;
}
