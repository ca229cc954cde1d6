/**
 * More values than one OTLP request of full size has. Each costs a sender two bytes and the parser a hundred times that: this many, of
 * the worst kind, hold the event loop for a second.
 */
export const jsonValuesMax = 750_000;

/**
 * Looks at the bytes of a JSON text before it is parsed; strings do not count.
 * @returns `too_deep` when its brackets nest deeper than `depthMax`, since parsers and printers that recurse would run out of stack;
 * `too_many` when it holds more than `valuesMax` values
 */
export function guardJson(bytes: Buffer, depthMax: number, valuesMax = jsonValuesMax): "too_deep" | "too_many" | null {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) i = endOfString(bytes, i + 1);
    else if (byte === 0x2c) values += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > depthMax) return "too_deep";
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return values > valuesMax ? "too_many" : null;
}

/** @returns the index of the quote that closes the string; the end of the bytes where none does */
function endOfString(bytes: Buffer, from: number): number {
  let i = from;
  // Byte by byte: most strings are short, and a call to search for the quote costs more than they have bytes.
  for (; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i += 1;
  return i;
}
