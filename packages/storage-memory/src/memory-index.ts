import type { IndexRow } from "@trinity/aggregation/fold";
import { compareStateRowKeys } from "@trinity/storage/state-row";

/** The chunks that have events of a user, in memory. */
export class MemoryIndex {
  readonly #rows = new Map<string, IndexRow>();
  #sorted: readonly IndexRow[] | null = null;

  add(rows: readonly IndexRow[]): void {
    for (const { kind, key, seq } of rows) this.#rows.set(idOf({ kind, key, seq }), { kind, key, seq });
    this.#sorted = null;
  }

  delete(row: IndexRow): void {
    this.#rows.delete(idOf(row));
    this.#sorted = null;
  }

  seqsOf(userId: string): readonly number[] {
    const rows = this.#inOrder().filter((row) => row.key === userId);
    return rows.map(({ seq }) => seq);
  }

  /** In order of user and chunk, after `after`. */
  *after(after: IndexRow | null): Generator<IndexRow> {
    const rows = this.#inOrder();
    let [low, high] = [0, after === null ? 0 : rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(rows[middle] as IndexRow, after as IndexRow) > 0) high = middle;
      else low = middle + 1;
    }
    for (let i = low; i < rows.length; i++) yield rows[i] as IndexRow;
  }

  #inOrder(): readonly IndexRow[] {
    this.#sorted ??= [...this.#rows.values()].sort(compare);
    return this.#sorted;
  }
}

function idOf({ kind, key, seq }: IndexRow): string {
  return `${kind}:${key}:${seq}`;
}

function compare(a: IndexRow, b: IndexRow): number {
  return compareStateRowKeys({ table: "index", ...a }, { table: "index", ...b });
}
