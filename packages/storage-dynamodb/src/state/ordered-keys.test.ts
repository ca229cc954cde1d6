import { compareUtf8 } from "@trinity/storage/text-order";
import fc from "fast-check";
import { expect, test } from "vitest";
import { orderedKeys } from "./ordered-keys.ts";

/** Few characters, some that sort before the slash and some after it. */
const anyName = fc.string({ unit: fc.constantFrom("a", "b", "-", "/", "🎬"), minLength: 1, maxLength: 4 });
const anyPages = fc
  .dictionary(anyName, fc.array(fc.string({ unit: fc.constantFrom("a", "-", "/"), maxLength: 3 }), { maxLength: 4 }))
  .map((pages) => Object.entries(pages).map(([name, ends]) => ({ name, content: ends.map((end) => ({ key: `${name}${end}` })) })));

test("keys that begin with the names of their pages come in order, each once, including those of the first pages", () =>
  fc.assert(
    fc.asyncProperty(anyPages, fc.nat({ max: 3 }), async (pages, firstPages) => {
      const inOrder = pages.toSorted((a, b) => compareUtf8(a.name, b.name));
      const [first, rest] = [inOrder.slice(0, firstPages), inOrder.slice(firstPages)];
      async function* later() {
        yield* rest;
      }
      const keys: string[] = [];
      for await (const { key } of orderedKeys(first, later(), (content) => content)) keys.push(key);
      const all = pages.flatMap(({ content }) => content.map(({ key }) => key));
      expect(keys).toEqual(all.toSorted(compareUtf8));
    }),
    { numRuns: 300 },
  ));
