/**
 * A small map inside an entity, as a list in order of key: it is the same whatever order it was filled in, it goes through JSON as it is,
 * and no key means anything to JavaScript.
 */
export type KeyedList<Value> = readonly (readonly [key: string, value: Value])[];

/** @returns the list with the value at a key changed, or put there; the very same list when the value stays as it was */
export function changedAt<Value>(list: KeyedList<Value>, key: string, change: (before: Value | undefined) => Value): KeyedList<Value> {
  const place = placeOf(list, key);
  const entry = list[place];
  const before = entry?.[0] === key ? entry[1] : undefined;
  const after = change(before);
  if (after === before) return list;
  return list.toSpliced(place, before === undefined ? 0 : 1, [key, after]);
}

/** @returns the first place whose key is not before `key` */
function placeOf(list: KeyedList<unknown>, key: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as readonly [string, unknown])[0] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
