import { expect, test } from "vitest";
import { canonicalText, readImage } from "./attribute-value.ts";

test("numbers, sets, lists and maps become plain values; bytes and invalid attributes are dropped", () => {
  const row = readImage({
    text: { S: "a" },
    number: { N: "7.97" },
    huge: { N: "1e999" },
    blank: { N: "" },
    flag: { BOOL: false },
    none: { NULL: true },
    set: { SS: ["b", "a"] },
    numbers: { NS: ["10", "9"] },
    list: { L: [{ S: "x" }, { B: "AAE=" }, { N: "1" }] },
    map: { M: { inner: { S: "y" } } },
    bytes: { B: new Uint8Array([1]) },
    broken: { S: 1 },
    absent: null,
  });
  expect(Object.fromEntries(row ?? [])).toEqual({
    text: "a",
    number: 7.97,
    flag: false,
    none: null,
    set: ["a", "b"],
    numbers: [9, 10],
    list: ["x", 1],
    map: new Map([["inner", "y"]]),
  });
});

test("an attribute may have any name, and no image is none", () => {
  expect(readImage(JSON.parse('{"__proto__": {"S": "a"}}'))?.get("__proto__")).toBe("a");
  expect([undefined, null, 1, [], "x"].map(readImage)).toEqual([null, null, null, null, null]);
});

test("the text of a value does not depend on the order of its maps and sets", () => {
  const [one, other] = [
    { a: { N: "1" }, b: { M: { d: { SS: ["p", "q"] }, c: { S: "c" } } } },
    { b: { M: { c: { S: "c" }, d: { SS: ["q", "p"] } } }, a: { N: "1.0" } },
  ].map((image) => canonicalText(readImage(image) ?? null));
  expect(one).toBe(other);
});
