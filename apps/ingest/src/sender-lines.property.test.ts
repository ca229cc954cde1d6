import fc from "fast-check";
import { expect, test } from "vitest";
import { createSenderLines } from "./sender-lines.ts";

const turnBytes = 100;
const anyItem = fc.record({ sender: fc.constantFrom("a", "b", "c", "d"), bytes: fc.nat(1_000) });
type Item = { readonly sender: string; readonly bytes: number; readonly number: number };

test("Feature: analytics-system, Property 5: turns of senders - whatever waits is taken exactly once, in the order of its sender, unless its line is held back; and while two senders wait, neither gets more bytes than the other beyond two turns and its largest item", () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 60 }), fc.constantFrom(null, "a", "b"), (pushed, heldSender) => {
      const items: readonly Item[] = pushed.map((item, number) => ({ ...item, number }));
      const lines = createSenderLines<Item>(turnBytes);
      for (const item of items) lines.push(item);
      const left = new Map<string, number[]>();
      for (const { sender, number } of items) left.set(sender, [...(left.get(sender) ?? []), number]);
      const takenBytes = new Map<string, number>();
      const mayTake = items.filter(({ sender }) => sender !== heldSender);
      for (let i = 0; i < mayTake.length; i++) {
        const item = lines.take(({ sender }) => sender === heldSender) as Item;
        expect(item.number).toBe(left.get(item.sender)?.shift());
        takenBytes.set(item.sender, (takenBytes.get(item.sender) ?? 0) + item.bytes);
        const waiting = [...left].filter(([sender, numbers]) => numbers.length > 0 && sender !== heldSender).map(([sender]) => sender);
        for (const one of waiting) {
          for (const other of waiting) {
            const ahead = (takenBytes.get(one) ?? 0) - (takenBytes.get(other) ?? 0);
            expect(ahead).toBeLessThanOrEqual(2 * turnBytes + 1_000);
          }
        }
      }
      expect(lines.take(({ sender }) => sender === heldSender)).toBeUndefined();
      expect(lines.isEmpty()).toBe(mayTake.length === items.length);
      while (!lines.isEmpty()) expect(lines.take(() => false)?.sender).toBe(heldSender);
    }),
    { numRuns: 300 },
  );
});
