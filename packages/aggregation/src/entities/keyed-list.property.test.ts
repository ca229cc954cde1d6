import fc from "fast-check";
import { expect, test } from "vitest";
import { changedAt, type KeyedList } from "./keyed-list.ts";

const anyKey = fc.constantFrom("a", "b", "c", "ä", "__proto__", "constructor", "z");
const anyWrites = fc.array(fc.tuple(anyKey, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 30 });

test("a list is the map of what was last put at each key, in order of key, whatever the order of writing", () => {
  fc.assert(
    fc.property(anyWrites, (writes) => {
      const list = writes.reduce<KeyedList<number>>((before, [key, value]) => changedAt(before, key, () => value), []);
      const map = new Map<string, number>();
      for (const [key, value] of writes) {
        if (value === undefined) map.delete(key);
        else map.set(key, value);
      }
      expect(list).toEqual([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
      expect(JSON.parse(JSON.stringify(list))).toEqual(list);
    }),
  );
});

test("a change that changes nothing gives the same list back", () => {
  const list: KeyedList<number> = [["a", 1]];
  expect(changedAt(list, "a", (before) => before)).toBe(list);
  expect(changedAt(list, "b", () => undefined)).toBe(list);
});
