/**
 * Compares texts by their UTF-8 bytes, the order of keys in SQLite and DynamoDB. JavaScript's `<` compares UTF-16 units, which puts
 * code points beyond the Basic Multilingual Plane (most emoji) before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// Surrogates encode the highest code points, so they go last.
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
