/** What waits, in a line for each sender. The lines take turns. */
export type SenderLines<Item> = {
  /** Puts an item at the end of the line of its sender. */
  push(item: Item): void;
  /** Takes the next item of a line that is not held back; undefined when there is none. @param isHeld by the first of a line */
  take(isHeld: (first: Item) => boolean): Item | undefined;
  isEmpty(): boolean;
};

type Line<Item> = { readonly items: Item[]; credit: number };

/**
 * Deficit round robin (Shreedhar and Varghese, 1995): each turn of a line is worth so many bytes, and what it does not use is saved for its next turn.
 * So senders of large and of small requests get the same share of bytes.
 */
export function createSenderLines<Item extends { readonly sender: string; readonly bytes: number }>(turnBytes: number): SenderLines<Item> {
  /** In the order of their turns. */
  const lines = new Map<string, Line<Item>>();
  return {
    push(item) {
      const line = lines.get(item.sender);
      if (line === undefined) lines.set(item.sender, { items: [item], credit: turnBytes });
      else line.items.push(item);
    },
    take(isHeld) {
      // A line whose turn is over comes again in the same loop: it ends when a line has saved enough, or only lines that are held are left.
      for (const [sender, line] of lines) {
        const first = line.items[0] as Item;
        if (isHeld(first)) continue;
        if (line.credit >= first.bytes) {
          line.items.shift();
          line.credit -= first.bytes;
          // What an empty line has saved is lost.
          if (line.items.length === 0) lines.delete(sender);
          return first;
        }
        line.credit += turnBytes;
        lines.delete(sender);
        lines.set(sender, line);
      }
      return undefined;
    },
    isEmpty: () => lines.size === 0,
  };
}
