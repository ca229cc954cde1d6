/**
 * Compares texts by their UTF-8 bytes, the order that SQLite and DynamoDB keep keys in. JavaScript's own `<` compares UTF-16 units,
 * which puts what lies beyond the Basic Multilingual Plane (most emoji) before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// Surrogates stand for code points above all others, so they go last.
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
