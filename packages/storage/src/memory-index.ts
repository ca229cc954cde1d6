import type { EntityRef } from "@trinity/aggregation/entity";
import { compareStateRowKeys } from "./state-row.ts";

type IndexLine = EntityRef & { readonly seq: number };

/** Which chunks hold events of which entity, in memory. */
export class MemoryIndex {
  readonly #lines = new Map<string, IndexLine>();
  #sorted: readonly IndexLine[] | null = null;

  add(lines: readonly IndexLine[]): void {
    for (const { kind, key, seq } of lines) this.#lines.set(idOf({ kind, key, seq }), { kind, key, seq });
    this.#sorted = null;
  }

  delete(line: IndexLine): void {
    this.#lines.delete(idOf(line));
    this.#sorted = null;
  }

  seqsOf(kind: string, key: string): readonly number[] {
    const lines = this.#inOrder().filter((line) => line.kind === kind && line.key === key);
    return lines.map(({ seq }) => seq);
  }

  /** In order of kind, key and chunk, from behind `after`. */
  *behind(after: IndexLine | null): Generator<IndexLine> {
    const lines = this.#inOrder();
    let [low, high] = [0, after === null ? 0 : lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(lines[middle] as IndexLine, after as IndexLine) > 0) high = middle;
      else low = middle + 1;
    }
    for (let i = low; i < lines.length; i++) yield lines[i] as IndexLine;
  }

  #inOrder(): readonly IndexLine[] {
    this.#sorted ??= [...this.#lines.values()].sort(compare);
    return this.#sorted;
  }
}

function idOf({ kind, key, seq }: IndexLine): string {
  return `${kind}:${key}:${seq}`;
}

function compare(a: IndexLine, b: IndexLine): number {
  return compareStateRowKeys({ table: "index", ...a }, { table: "index", ...b });
}
