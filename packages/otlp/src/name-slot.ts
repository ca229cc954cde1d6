/**
 * @returns a slot below `slotCount`, a power of two
 * Hashes the length, the last letter and two others: attribute names differ there, and a full hash costs more than the lookup saves.
 */
export function slotOf(bytes: Buffer, from: number, to: number, slotCount: number): number {
  const length = to - from;
  if (length === 0) return 0;
  const last = bytes[to - 1] as number;
  const middle = bytes[from + (length >> 1)] as number;
  const third = bytes[to - 1 - (length >> 2)] as number;
  const hash = Math.imul(length, 31) + Math.imul(last, 7) + Math.imul(middle, 131) + Math.imul(third, 1_031);
  return (hash ^ (hash >>> 9)) & (slotCount - 1);
}

export function sameBytes(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[from + at]) return false;
  return true;
}
