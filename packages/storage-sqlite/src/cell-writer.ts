import type { Cell } from "@trinity/aggregation/cell";
import type { Amounts } from "@trinity/aggregation/vector";
import { addEncoded, ascendingAmounts, encodeAmounts } from "@trinity/aggregation/vector-codec";
import { tierRank } from "@trinity/storage/cell-order";
import { splitAmounts } from "@trinity/storage/vector-shards";
import type { BucketKey } from "@trinity/storage/verification-store";
import type { Database, Statement } from "better-sqlite3";
import type { BucketTable } from "./bucket-table.ts";

type ShardKey = [setId: number, tier: number, bucketMs: number, value: string, shard: number];

/** Changes cells and the status of their buckets, inside the caller's transaction. */
export class CellWriter {
  readonly #nameSet: Statement<[name: string]>;
  readonly #setIds: Statement<[], [name: string, id: number]>;
  readonly #find: Statement<ShardKey, Uint8Array>;
  readonly #put: Statement<[...ShardKey, vector: Uint8Array]>;
  readonly #delete: Statement<ShardKey>;
  readonly #deleteShards: Statement<[setId: number, tier: number, bucketMs: number, value: string]>;
  readonly #hasCells: Statement<[setId: number, tier: number, bucketMs: number], number>;
  readonly #dropBefore: Statement<[setId: number, tier: number, beforeMs: number]>;
  readonly #buckets: BucketTable;

  constructor(database: Database, buckets: BucketTable) {
    this.#buckets = buckets;
    const atKey = "WHERE set_id = ? AND tier = ? AND bucket_ms = ? AND value = ? AND shard = ?";
    this.#nameSet = database.prepare("INSERT INTO cell_set (name) VALUES (?) ON CONFLICT DO NOTHING");
    this.#setIds = database.prepare<[], [string, number]>("SELECT name, id FROM cell_set").raw();
    this.#find = database.prepare<ShardKey, Uint8Array>(`SELECT vector FROM cell ${atKey}`).pluck();
    this.#put = database.prepare(
      `INSERT INTO cell (set_id, tier, bucket_ms, value, shard, vector) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET vector = excluded.vector`,
    );
    this.#delete = database.prepare(`DELETE FROM cell ${atKey}`);
    this.#deleteShards = database.prepare("DELETE FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms = ? AND value = ?");
    this.#hasCells = database
      .prepare<[number, number, number], number>("SELECT EXISTS (SELECT 1 FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms = ?)")
      .pluck();
    this.#dropBefore = database.prepare("DELETE FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms < ?");
  }

  /** Adds amounts to cells in order of key, so that each page of the tree is written once. */
  add(cells: readonly Cell[], revision: number): void {
    const idOf = this.idsOf(cells);
    const rows = cells.map((cell): CellRow => ({ ...cell, setId: idOf.get(cell.set) as number, rank: tierRank[cell.tier] }));
    let bucket: TouchedBucket | null = null;
    for (const { setId, tier, rank, bucketMs, value, vector } of rows.sort(compareCellRows)) {
      if (bucket === null || bucket.setId !== setId || bucket.tier !== tier || bucket.bucketMs !== bucketMs) {
        if (bucket !== null) this.#touch(bucket, revision);
        bucket = { tier, bucketMs, setId, hasCells: false };
      }
      for (const [shard, amounts] of splitAmounts(ascendingAmounts(vector))) {
        if (this.#addToShard([setId, rank, bucketMs, value, shard], amounts)) bucket.hasCells = true;
      }
    }
    if (bucket !== null) this.#touch(bucket, revision);
  }

  /** Replaces a cell; an empty vector removes it. @returns whether there was one */
  set(setId: number, { tier, bucketMs, value, vector }: Cell): boolean {
    const { changes } = this.#deleteShards.run(setId, tierRank[tier], bucketMs, value);
    for (const [shard, amounts] of splitAmounts(ascendingAmounts(vector)))
      this.#put.run(setId, tierRank[tier], bucketMs, value, shard, encodeAmounts(amounts));
    return changes > 0;
  }

  dropMinutesBefore(beforeMs: number): void {
    for (const [, setId] of this.#setIds.all()) this.#dropBefore.run(setId, tierRank.minute, beforeMs);
    this.#buckets.dropMinutesBefore(beforeMs);
  }

  /**
   * The ids of dimension sets; new sets get one. Read again for every commit, because an id that a failed transaction assigned is not
   * valid.
   */
  idsOf(cells: readonly Pick<Cell, "set">[]): ReadonlyMap<string, number> {
    for (const name of new Set(cells.map(({ set }) => set))) this.#nameSet.run(name);
    return new Map(this.#setIds.all());
  }

  #touch({ setId, hasCells, ...key }: TouchedBucket, revision: number): void {
    const isLeft = hasCells || this.#hasCells.get(setId, tierRank[key.tier], key.bucketMs) === 1;
    this.#buckets.touch(setId, key, revision, isLeft);
  }

  /** @returns whether the shard has any component now */
  #addToShard(key: ShardKey, amounts: Amounts): boolean {
    const before = this.#find.get(...key);
    const after = before === undefined ? encodeAmounts(amounts) : sumOf(before, amounts);
    // A damaged shard stays unchanged: answers over it fail instead of being wrong, until verification repairs it.
    if (after === null) return true;
    if (after.length === 0) this.#delete.run(...key);
    else this.#put.run(...key, after);
    return after.length > 0;
  }
}

type CellRow = Cell & { readonly setId: number; readonly rank: number };

/** The order of the tree, but for the few texts that UTF-16 orders in another way than UTF-8. */
function compareCellRows(a: CellRow, b: CellRow): number {
  if (a.setId !== b.setId) return a.setId - b.setId;
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.bucketMs !== b.bucketMs) return a.bucketMs - b.bucketMs;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}

/** A bucket that a fold changes; `hasCells` once it is known to have cells afterwards. */
type TouchedBucket = Omit<BucketKey, "set"> & { readonly setId: number; hasCells: boolean };

/** @returns null for bytes that are not a vector */
function sumOf(bytes: Uint8Array, amounts: Amounts): Uint8Array | null {
  try {
    return addEncoded(bytes, amounts);
  } catch {
    return null;
  }
}
