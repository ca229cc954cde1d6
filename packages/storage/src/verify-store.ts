import { tierMs } from "@trinity/aggregation/bucket";
import type { AmountCell, Cell } from "@trinity/aggregation/cell";
import { type EntityKind, entityKinds } from "@trinity/aggregation/entity-kind";
import { addAmounts, type Vector } from "@trinity/aggregation/vector";
import type { EventStore } from "./event-store.ts";
import { type Replay, replayOf } from "./replay.ts";

/** A bucket that is not what the log adds up to; the numbers are component and amount in turn. */
export type DifferingCell = Pick<Cell, "set" | "tier" | "bucketMs" | "value"> & {
  readonly stored: readonly (readonly [number, number])[];
  readonly derived: readonly (readonly [number, number])[];
};
export type DifferingEntity = { readonly kind: EntityKind; readonly key: string };

export type Verification = {
  /** The last chunk of the log that was folded when the buckets were compared. */
  readonly throughSeq: number;
  readonly buckets: number;
  readonly entities: number;
  readonly differingCells: readonly DifferingCell[];
  readonly differingEntities: readonly DifferingEntity[];
};

const pageRows = 10_000;

/**
 * Derives every bucket and entity anew from the log and compares. Ingest may go on meanwhile: what differs because the store moved on is
 * looked at again, at one moment, before it is reported.
 * @param onProgress told of the last chunk derived, and of the newest
 */
export async function verifyStore(store: EventStore, onProgress: (seq: number, headSeq: number) => void = () => {}): Promise<Verification> {
  const replay = replayOf(store);
  const { seq: headSeq } = await store.readMark();
  await replay.catchUp((seq) => onProgress(seq, headSeq));
  const cells = await suspectCells(store, replay);
  const entities = await suspectEntities(store, replay);
  const differingCells = await confirmCells(store, replay, cells.suspects);
  const differingEntities = await confirmEntities(store, replay, entities.suspects);
  const { seq: throughSeq } = await replay.derived.readMark();
  return { throughSeq, buckets: cells.compared, entities: entities.compared, differingCells, differingEntities };
}

type CellId = Pick<Cell, "set" | "tier" | "bucketMs" | "value">;

async function suspectCells(store: EventStore, { derived }: Replay): Promise<{ compared: number; suspects: readonly CellId[] }> {
  const expected = new Map<string, Cell>();
  for await (const cell of allCells(derived)) expected.set(idOf(cell), cell);
  const suspects: CellId[] = [];
  let compared = 0;
  for await (const cell of allCells(store)) {
    compared += 1;
    const other = expected.get(idOf(cell));
    expected.delete(idOf(cell));
    if (other === undefined || !sameVector(cell.vector, other.vector)) suspects.push(cell);
  }
  return { compared: compared + expected.size, suspects: [...suspects, ...expected.values()] };
}

async function confirmCells(store: EventStore, replay: Replay, suspects: readonly CellId[]): Promise<readonly DifferingCell[]> {
  if (suspects.length === 0) return [];
  const ranges = suspects.map(({ set, tier, bucketMs, value }) => ({
    set,
    tier,
    fromMs: bucketMs,
    toMs: bucketMs + tierMs[tier],
    values: [value],
  }));
  const stored = await store.readRollups(ranges);
  if ((await replay.catchUp()) !== stored.mark.seq) return confirmCells(store, replay, suspects);
  const derived = await replay.derived.readRollups(ranges);
  return suspects.flatMap(({ set, tier, bucketMs, value }, i) => {
    const is = vectorOf(stored.cells[i]?.[0]);
    const should = vectorOf(derived.cells[i]?.[0]);
    if (sameVector(is, should)) return [];
    return [{ set, tier, bucketMs, value, stored: sorted(is), derived: sorted(should) }];
  });
}

async function suspectEntities(
  store: EventStore,
  { derived }: Replay,
): Promise<{ compared: number; suspects: readonly DifferingEntity[] }> {
  const suspects: DifferingEntity[] = [];
  let compared = 0;
  for (const kind of entityKinds) {
    const expected = new Map<string, string>();
    for await (const { key, value } of allEntities(derived, kind)) expected.set(key, canonical(value));
    for await (const { key, value } of allEntities(store, kind)) {
      compared += 1;
      if (expected.get(key) !== canonical(value)) suspects.push({ kind, key });
      expected.delete(key);
    }
    compared += expected.size;
    suspects.push(...[...expected.keys()].map((key) => ({ kind, key })));
  }
  return { compared, suspects };
}

async function confirmEntities(
  store: EventStore,
  replay: Replay,
  suspects: readonly DifferingEntity[],
): Promise<readonly DifferingEntity[]> {
  if (suspects.length === 0) return [];
  const reads = { refs: suspects.filter(({ kind }) => kind !== "run"), runs: suspects.filter(({ kind }) => kind === "run").map(runRange) };
  const before = await store.readMark();
  const stored = await store.readEntities(reads);
  const after = await store.readMark();
  if (before.seq !== after.seq || (await replay.catchUp()) !== after.seq) return confirmEntities(store, replay, suspects);
  const derived = await replay.derived.readEntities(reads);
  return suspects.filter(({ kind, key }) => canonical(stored[kind].get(key)) !== canonical(derived[kind].get(key)));
}

function runRange({ key }: DifferingEntity) {
  const slash = key.lastIndexOf("/");
  const startMs = Number(key.slice(slash + 1));
  return { userId: key.slice(0, slash), fromMs: startMs, toMs: startMs };
}

async function* allCells(store: Pick<EventStore, "scanCells">): AsyncGenerator<Cell> {
  for (let after: Cell | null = null; ; ) {
    const page: readonly Cell[] = await store.scanCells(after, pageRows);
    yield* page;
    after = page.at(-1) ?? null;
    if (after === null) return;
  }
}

async function* allEntities(store: Pick<EventStore, "scanEntities">, kind: EntityKind) {
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, pageRows);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    afterKey = last.key;
  }
}

function idOf({ set, tier, bucketMs, value }: CellId): string {
  return JSON.stringify([set, tier, bucketMs, value]);
}

/** @returns what a cell holds: nothing, where it is absent */
function vectorOf(cell: AmountCell | undefined): Vector {
  const vector: Vector = new Map();
  addAmounts(vector, cell?.amounts ?? [], 1);
  return vector;
}

function sameVector(a: Vector, b: Vector): boolean {
  return a.size === b.size && [...a].every(([component, amount]) => b.get(component) === amount);
}

function sorted(vector: Vector): readonly (readonly [number, number])[] {
  return [...vector].sort(([a], [b]) => a - b);
}

/** @returns a text that is equal for equal values, whatever order their keys were written in */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
