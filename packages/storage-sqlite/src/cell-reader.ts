import { AmountSum } from "@trinity/aggregation/amount-sum";
import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { AmountCell, Cell, CellKey, UserCell } from "@trinity/aggregation/cell";
import { UserSet } from "@trinity/aggregation/user-set";
import type { CellAmounts, Vector } from "@trinity/aggregation/vector";
import { decodeAmounts, decodeVector, joinAmounts } from "@trinity/aggregation/vector-codec";
import { tierRank, tiersByRank } from "@trinity/storage/cell-order";
import { type CellRange, DamagedStateError } from "@trinity/storage/event-store";
import { contentOfVector, type StateRow } from "@trinity/storage/state-row";
import { compareUtf8 } from "@trinity/storage/text-order";
import { joinShard, shardSize } from "@trinity/storage/vector-shards";
import type { Database, Statement } from "better-sqlite3";
import { IncompleteStateError } from "./state-damage.ts";

type ShardRow = {
  readonly tier: number;
  readonly bucketMs: number;
  readonly value: string;
  readonly shard: number;
  readonly vector: Uint8Array;
};
/** The rows of a statement: all at once, which takes half the time, or one after another. */
type ShardRows = { all(): readonly ShardRow[]; iterate(): Iterable<ShardRow> };
/** The shards of all buckets of a value, as texts of hexadecimal digits between commas. */
type AddedRow = Omit<ShardRow, "tier" | "vector"> & { readonly vectors: string };
type Extent = { readonly firstMs: number | null; readonly lastMs: number | null };

/** Reads cells, joining the shards of each. */
export class CellReader {
  readonly #sets: Statement<[], { id: number; name: string }>;
  readonly #setId: Statement<[name: string], number>;
  readonly #extent: Statement<[setId: number, tier: number, setId: number, tier: number], Extent>;
  readonly #range: Statement<[setId: number, tier: number, fromMs: number, toMs: number, shardsBelow: number], ShardRow>;
  readonly #added: Statement<[setId: number, tier: number, fromMs: number, toMs: number, shardsBelow: number], AddedRow>;
  readonly #named: Statement<[bucketsMs: string, values: string, setId: number, tier: number, shardsBelow: number], ShardRow>;
  readonly #after: Statement<[setId: number, tier: number, bucketMs: number, value: string], ShardRow>;

  constructor(database: Database) {
    const row = "cell.tier AS tier, cell.bucket_ms AS bucketMs, cell.value AS value, cell.shard AS shard, cell.vector AS vector";
    const inOrder = "ORDER BY cell.tier, cell.bucket_ms, cell.value, cell.shard";
    this.#sets = database.prepare("SELECT id, name FROM cell_set ORDER BY name");
    this.#setId = database.prepare<[string], number>("SELECT id FROM cell_set WHERE name = ?").pluck();
    this.#extent = database.prepare(
      `SELECT (SELECT min(bucket_ms) FROM cell WHERE set_id = ? AND tier = ?) AS firstMs,
              (SELECT max(bucket_ms) FROM cell WHERE set_id = ? AND tier = ?) AS lastMs`,
    );
    this.#range = database.prepare(
      `SELECT ${row} FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms >= ? AND bucket_ms < ? AND shard < ? ${inOrder}`,
    );
    // To step through the cells of many values takes five times as long.
    this.#added = database.prepare(
      `SELECT min(bucket_ms) AS bucketMs, value, shard, group_concat(hex(vector)) AS vectors
       FROM cell WHERE set_id = ? AND tier = ? AND bucket_ms >= ? AND bucket_ms < ? AND shard < ? GROUP BY value, shard`,
    );
    // Looks each cell up by its full key, however many other values the buckets have.
    this.#named = database.prepare(
      `SELECT ${row} FROM json_each(?) AS bucket CROSS JOIN json_each(?) AS wanted
       CROSS JOIN cell ON cell.set_id = ? AND cell.tier = ? AND cell.bucket_ms = bucket.value AND cell.value = wanted.value
         AND cell.shard < ? ${inOrder}`,
    );
    this.#after = database.prepare(`SELECT ${row} FROM cell WHERE set_id = ? AND (tier, bucket_ms, value) > (?, ?, ?) ${inOrder}`);
  }

  /** Oldest first, then in order of value. */
  inRange(range: CellRange): readonly AmountCell[] {
    const isAddedUp = range.isAddedUp === true && range.values === undefined;
    return readable(() => (isAddedUp ? [...this.#addedUp(range)] : amountCellsOf(range, this.#rowsIn(range).all())));
  }

  /** The same cells, each as a set of users. */
  usersInRange(range: CellRange): readonly UserCell[] {
    // One after another: a set of very many users takes a megabyte.
    return readable(() => [...userCellsOf(range.set, this.#rowsIn(range).iterate())]);
  }

  /** One cell for each shard of a value. */
  *#addedUp(range: CellRange): Generator<AmountCell> {
    const { set, tier, fromMs, toMs, componentsBelow = Number.POSITIVE_INFINITY } = range;
    const setId = this.#setId.get(set);
    if (setId === undefined) return;
    for (const { bucketMs, value, shard, vectors } of this.#added.iterate(setId, tierRank[tier], fromMs, toMs, shardsBelow(range))) {
      const sum = new AmountSum();
      let isEmpty = true;
      for (const digits of vectors.split(",")) {
        const added = decodeAmounts(Buffer.from(digits, "hex"), componentsBelow - shard * shardSize);
        sum.add(shiftedBy(shard * shardSize, added));
        isEmpty &&= added.length === 0;
      }
      const amounts: number[] = [];
      sum.forEachIn(0, Number.POSITIVE_INFINITY, (component, amount) => amounts.push(component, amount));
      if (!isEmpty) yield { set, tier, bucketMs, value, amounts: Float64Array.from(amounts) };
    }
  }

  /** The shards of the cells in a range; those of one cell are consecutive. */
  #rowsIn(range: CellRange): ShardRows {
    const setId = this.#setId.get(range.set);
    if (setId === undefined) return noRows;
    const tier = tierRank[range.tier];
    if (range.values === undefined) return rowsOf(this.#range, [setId, tier, range.fromMs, range.toMs, shardsBelow(range)]);
    const { firstMs, lastMs } = this.#extent.get(setId, tier, setId, tier) as Extent;
    if (firstMs === null || lastMs === null) return noRows;
    const bucketsMs = bucketsIn(range, firstMs, lastMs);
    const values = [...new Set(range.values)];
    return rowsOf(this.#named, [JSON.stringify(bucketsMs), JSON.stringify(values), setId, tier, shardsBelow(range)]);
  }

  /** The cells after `after`, in order, as state rows. */
  *rowsAfter(after: CellKey | null): Generator<StateRow> {
    for (const { set, tier, bucketMs, value, vector } of this.#cellsAfter(after)) {
      yield { key: { table: "cell", set, tier, bucketMs, value }, content: contentOfVector(vector) };
    }
  }

  *#cellsAfter(after: CellKey | null): Generator<Cell> {
    for (const { id, name } of this.#sets.all()) {
      const order = after === null ? 1 : compareUtf8(name, after.set);
      if (after !== null && order === 0) {
        yield* cellsOf(name, this.#after.iterate(id, tierRank[after.tier], after.bucketMs, after.value), decodeDamaged);
      }
      if (order > 0) yield* cellsOf(name, this.#after.iterate(id, -1, 0, ""), decodeDamaged);
    }
  }
}

/** Shards below it have the components that are wanted. */
function shardsBelow({ componentsBelow = Number.POSITIVE_INFINITY }: CellRange): number {
  return componentsBelow / shardSize;
}

/** @throws {DamagedStateError} when the bytes of a cell were cut or changed; verification repairs it */
function readable<Cells>(read: () => Cells): Cells {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DamagedStateError("a cell cannot be read; verification sets it right from the log", { cause: error });
  }
}

/** The starts of a tier's buckets in the range, limited to the first and last that exist. */
function bucketsIn({ tier, fromMs, toMs }: CellRange, firstMs: number, lastMs: number): readonly number[] {
  const starts: number[] = [];
  const step = tierMs[tier];
  const start = Math.max(firstMs, Math.ceil(fromMs / step) * step);
  for (let bucketMs = start; bucketMs < toMs && bucketMs <= lastMs; bucketMs += step) starts.push(bucketMs);
  return starts;
}

function* cellsOf(set: string, rows: Iterable<ShardRow>, decode = decodeVector): Generator<Cell> {
  for (const { key, shards } of shardsByCell(set, rows)) {
    const vector: Vector = new Map();
    for (const { shard, vector: bytes } of shards) joinShard(vector, shard, decode(bytes));
    yield { ...key, vector };
  }
}

function amountCellsOf(
  { set, tier, componentsBelow = Number.POSITIVE_INFINITY }: CellRange,
  rows: readonly ShardRow[],
): readonly AmountCell[] {
  const cells: AmountCell[] = [];
  let shards: CellAmounts[] = [];
  for (const [i, { bucketMs, value, shard, vector }] of rows.entries()) {
    const amounts = shiftedBy(shard * shardSize, decodeAmounts(vector, componentsBelow - shard * shardSize));
    if (amounts.length > 0) shards.push(amounts);
    const next = rows[i + 1];
    if (next?.bucketMs === bucketMs && next.value === value) continue;
    if (shards.length > 0) cells.push({ set, tier, bucketMs, value, amounts: joinAmounts(shards) });
    shards = [];
  }
  return cells;
}

/** Adds the start of the shard to components, in place. */
function shiftedBy(first: number, amounts: CellAmounts): CellAmounts {
  if (first > 0) for (let i = 0; i < amounts.length; i += 2) amounts[i] = (amounts[i] as number) + first;
  return amounts;
}

const noRows: ShardRows = { all: () => [], iterate: () => [] };

function rowsOf<Parameters extends unknown[]>(statement: Statement<Parameters, ShardRow>, parameters: Parameters): ShardRows {
  return { all: () => statement.all(...parameters), iterate: () => statement.iterate(...parameters) };
}

function* userCellsOf(set: string, rows: Iterable<ShardRow>): Generator<UserCell> {
  for (const { key, shards } of shardsByCell(set, rows)) {
    const users = new UserSet();
    for (const { shard, vector } of shards) users.addShard(shard, vector);
    yield { ...key, users };
  }
}

/** @param rows the shards of a cell are consecutive */
function* shardsByCell(set: string, rows: Iterable<ShardRow>): Generator<{ readonly key: CellKey; readonly shards: readonly ShardRow[] }> {
  let shards: ShardRow[] = [];
  const keyOf = ({ tier, bucketMs, value }: ShardRow): CellKey => ({ set, tier: tierOfRank(tier), bucketMs, value });
  for (const row of rows) {
    const [first] = shards;
    if (first !== undefined && (first.bucketMs !== row.bucketMs || first.value !== row.value || first.tier !== row.tier)) {
      yield { key: keyOf(first), shards };
      shards = [];
    }
    shards.push(row);
  }
  const [first] = shards;
  if (first !== undefined) yield { key: keyOf(first), shards };
}

/** Decodes a corrupt shard to NaN, so that verification reports it instead of failing. */
function decodeDamaged(bytes: Uint8Array): Vector {
  try {
    return decodeVector(bytes);
  } catch {
    return new Map([[0, Number.NaN]]);
  }
}

function tierOfRank(rank: number): Tier {
  const tier = tiersByRank[rank];
  if (tier === undefined) throw new IncompleteStateError("a cell is of no tier");
  return tier;
}
