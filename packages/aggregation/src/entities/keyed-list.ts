/**
 * A small map inside an entity, as a list in order of key: it is the same whatever order it was filled in, it goes through JSON as it is,
 * and no key means anything to JavaScript.
 */
export type KeyedList<Value> = readonly (readonly [key: string, value: Value])[];

/**
 * @param change from the value that is there to the one that shall be; `undefined` for none
 * @returns the list with the value at a key changed; the very same list when it stays as it was
 */
export function changedAt<Value>(
  list: KeyedList<Value>,
  key: string,
  change: (before: Value | undefined) => Value | undefined,
): KeyedList<Value> {
  const place = placeOf(list, key);
  const entry = list[place];
  const before = entry?.[0] === key ? entry[1] : undefined;
  const after = change(before);
  if (after === before) return list;
  const added: KeyedList<Value> = after === undefined ? [] : [[key, after]];
  return list.toSpliced(place, before === undefined ? 0 : 1, ...added);
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
