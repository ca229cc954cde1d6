import type { Cell } from "@trinity/aggregation/cell";
import { addVector, type Vector } from "@trinity/aggregation/vector";
import { decodeVector, encodeVector } from "@trinity/aggregation/vector-codec";
import { compareCellKeys, tierRank } from "@trinity/storage/cell-order";
import { splitVector } from "@trinity/storage/vector-shards";
import type { Database, Statement } from "better-sqlite3";

type ShardKey = [setId: number, tier: number, bucketMs: number, value: string, shard: number];

/** Changes cells, inside the caller's transaction. */
export class CellWriter {
  readonly #nameSet: Statement<[name: string]>;
  readonly #setIds: Statement<[], [name: string, id: number]>;
  readonly #find: Statement<ShardKey, Uint8Array>;
  readonly #put: Statement<[...ShardKey, vector: Uint8Array]>;
  readonly #delete: Statement<ShardKey>;
  readonly #dropBefore: Statement<[setId: number, tier: number, beforeMs: number]>;

  constructor(database: Database) {
    const atKey = "WHERE set_id = ? AND tier = ? AND bucket_ms = ? AND value = ? AND shard = ?";
    this.#nameSet = database.prepare("INSERT INTO cell_set (name) VALUES (?) ON CONFLICT DO NOTHING");
    this.#setIds = database.prepare<[], [string, number]>("SELECT name, id FROM cell_set").raw();
    this.#find = database.prepare<ShardKey, Uint8Array>(`SELECT vector FROM cell ${atKey}`).pluck();
    this.#put = database.prepare(
      `INSERT INTO cell (set_id, tier, bucket_ms, value, shard, vector) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET vector = excluded.vector`,
    );
    this.#delete = database.prepare(`DELETE FROM cell ${atKey}`);
    this.#dropBefore = database.prepare("DELETE FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms < ?");
  }

  /** Adds amounts to the cells as they are, in order of key, so that each page of the tree is touched once. */
  add(cells: readonly Cell[]): void {
    const idOf = this.#idsOf(cells);
    for (const { set, tier, bucketMs, value, vector } of [...cells].sort(compareCellKeys)) {
      for (const [shard, part] of splitVector(vector)) {
        this.#addToShard([idOf.get(set) as number, tierRank[tier], bucketMs, value, shard], part);
      }
    }
  }

  dropMinutesBefore(beforeMs: number): void {
    for (const [, setId] of this.#setIds.all()) this.#dropBefore.run(setId, tierRank.minute, beforeMs);
  }

  #addToShard(key: ShardKey, part: Vector): void {
    const before = this.#find.get(...key);
    if (before === undefined) {
      this.#put.run(...key, encodeVector(part));
      return;
    }
    const sum = decodeVector(before);
    addVector(sum, part);
    if (sum.size === 0) this.#delete.run(...key);
    else this.#put.run(...key, encodeVector(sum));
  }

  /** Read anew for every commit: a number that was given in a transaction that failed is not remembered. */
  #idsOf(cells: readonly Cell[]): ReadonlyMap<string, number> {
    for (const name of new Set(cells.map(({ set }) => set))) this.#nameSet.run(name);
    return new Map(this.#setIds.all());
  }
}
