import type { EntityRef } from "@trinity/aggregation/entity";
import { compareStateRowKeys } from "@trinity/storage/state-row";

type IndexRow = EntityRef & { readonly seq: number };

/** The chunks that have events of an entity, in memory. */
export class MemoryIndex {
  readonly #lines = new Map<string, IndexRow>();
  #sorted: readonly IndexRow[] | null = null;

  add(lines: readonly IndexRow[]): void {
    for (const { kind, key, seq } of lines) this.#lines.set(idOf({ kind, key, seq }), { kind, key, seq });
    this.#sorted = null;
  }

  delete(line: IndexRow): void {
    this.#lines.delete(idOf(line));
    this.#sorted = null;
  }

  seqsOf(kind: string, key: string): readonly number[] {
    const lines = this.#inOrder().filter((line) => line.kind === kind && line.key === key);
    return lines.map(({ seq }) => seq);
  }

  /** In order of kind, key and chunk, after `after`. */
  *after(after: IndexRow | null): Generator<IndexRow> {
    const lines = this.#inOrder();
    let [low, high] = [0, after === null ? 0 : lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(lines[middle] as IndexRow, after as IndexRow) > 0) high = middle;
      else low = middle + 1;
    }
    for (let i = low; i < lines.length; i++) yield lines[i] as IndexRow;
  }

  #inOrder(): readonly IndexRow[] {
    this.#sorted ??= [...this.#lines.values()].sort(compare);
    return this.#sorted;
  }
}

function idOf({ kind, key, seq }: IndexRow): string {
  return `${kind}:${key}:${seq}`;
}

function compare(a: IndexRow, b: IndexRow): number {
  return compareStateRowKeys({ table: "index", ...a }, { table: "index", ...b });
}
