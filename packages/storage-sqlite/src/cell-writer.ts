import type { Cell } from "@trinity/aggregation/cell";
import { addVector, type Vector } from "@trinity/aggregation/vector";
import { decodeVector, encodeVector } from "@trinity/aggregation/vector-codec";
import { compareCellKeys, tierRank } from "@trinity/storage/cell-order";
import { splitVector } from "@trinity/storage/vector-shards";
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
    let bucket: TouchedBucket | null = null;
    for (const { set, tier, bucketMs, value, vector } of [...cells].sort(compareCellKeys)) {
      if (bucket === null || bucket.set !== set || bucket.tier !== tier || bucket.bucketMs !== bucketMs) {
        if (bucket !== null) this.#touch(bucket, revision);
        bucket = { set, tier, bucketMs, setId: idOf.get(set) as number, hasCells: false };
      }
      for (const [shard, shardVector] of splitVector(vector)) {
        if (this.#addToShard([bucket.setId, tierRank[tier], bucketMs, value, shard], shardVector)) bucket.hasCells = true;
      }
    }
    if (bucket !== null) this.#touch(bucket, revision);
  }

  /** Replaces a cell; an empty vector removes it. @returns whether there was one */
  set(setId: number, { tier, bucketMs, value, vector }: Cell): boolean {
    const { changes } = this.#deleteShards.run(setId, tierRank[tier], bucketMs, value);
    for (const [shard, shardVector] of splitVector(vector))
      this.#put.run(setId, tierRank[tier], bucketMs, value, shard, encodeVector(shardVector));
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
  #addToShard(key: ShardKey, shardVector: Vector): boolean {
    const before = this.#find.get(...key);
    if (before === undefined) {
      this.#put.run(...key, encodeVector(shardVector));
      return true;
    }
    const sum = soundVectorOf(before);
    // A damaged shard stays unchanged: answers over it fail instead of being wrong, until verification repairs it.
    if (sum === null) return true;
    addVector(sum, shardVector);
    if (sum.size === 0) this.#delete.run(...key);
    else this.#put.run(...key, encodeVector(sum));
    return sum.size > 0;
  }
}

/** A bucket that a fold changes; `hasCells` once it is known to have cells afterwards. */
type TouchedBucket = BucketKey & { readonly setId: number; hasCells: boolean };

/** @returns null for bytes that are not a vector */
function soundVectorOf(bytes: Uint8Array): Vector | null {
  try {
    return decodeVector(bytes);
  } catch {
    return null;
  }
}
