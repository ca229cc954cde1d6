/** Sorts values of a dimension: numbers by their size, then everything else as text. */
export function byValue(a: string, b: string): number {
  const [numberA, numberB] = [numberOf(a), numberOf(b)];
  if (numberA !== null && numberB !== null) return numberA - numberB;
  if (numberA !== null || numberB !== null) return numberA === null ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}

function numberOf(value: string): number | null {
  return /^\d{1,15}$/.test(value) ? Number(value) : null;
}
