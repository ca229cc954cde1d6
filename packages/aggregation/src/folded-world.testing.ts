import type { StoredEvent } from "@trinity/events/event";
import { unwrap } from "@trinity/runtime/result";
import { type Accumulator, UserAccumulator } from "./accumulator.ts";
import { accumulatorsFor } from "./accumulators.ts";
import { answerOf, type MetricAnswer } from "./answer.ts";
import { bucketEnd, type Cell } from "./cell.ts";
import type { Contribution } from "./contribution.ts";
import { contributionsOfChunk, contributionsOfEvent } from "./contributions.ts";
import { contributionsOfEntity, type EntityMaps, type EntityReads, type EntityWrite, noEntities, readsFor, refsOf } from "./entity.ts";
import { type Entity, entityKinds } from "./entity-kind.ts";
import { emptyWatermark, fold, foldInputOf, type Watermark } from "./fold.ts";
import type { LogChunk } from "./log-chunk.ts";
import type { MetricQuery } from "./metric-query.ts";
import { type Plan, planQuery } from "./plan.ts";
import { type RollupSource, readsLog } from "./sub-query.ts";
import { unfold } from "./unfold.ts";
import { UserSet } from "./user-set.ts";
import { addVector } from "./vector.ts";

type AnyMaps = Readonly<Record<(typeof entityKinds)[number], Map<string, Entity>>>;

/** From the cells, as far as they go; the same as if cells by the minute were dropped; from the log in any case. */
type AnswerSource = "planned" | "without minutes" | "log";

/** Everything a store keeps, in maps: what tests fold into and ask. It hands out no more than was asked for, as a store does. */
export class FoldedWorld {
  readonly chunks: LogChunk[] = [];
  readonly foldedAtMs: number[] = [];
  readonly cells = new Map<string, Cell>();
  readonly entities: EntityMaps = noEntities();
  watermark: Watermark = emptyWatermark;

  readonly #removed = new Set<StoredEvent>();

  get events(): readonly StoredEvent[] {
    return this.chunks.flatMap(({ events }) => events).filter((event) => !this.#removed.has(event));
  }

  /** Folds the chunks, which must follow those before, in one step. */
  fold(chunks: readonly LogChunk[], foldedAtMs: number): this {
    const input = foldInputOf(chunks);
    const step = fold(input, this.#read(input.named.reads()), this.watermark, foldedAtMs);
    this.chunks.push(...chunks);
    this.foldedAtMs.push(...chunks.map(() => foldedAtMs));
    this.watermark = step.to;
    this.#write(step.entities, step.cells);
    return this;
  }

  /** Folds events as one chunk that counted nothing else. */
  foldEvents(events: readonly StoredEvent[], foldedAtMs: number): this {
    return this.fold([{ seq: this.watermark.seq + 1, receivedAtMs: foldedAtMs, receipts: [], events }], foldedAtMs);
  }

  /** Takes events out again; only what belongs to the same entities is read besides. */
  unfold(removed: readonly StoredEvent[]): this {
    const touched = new Set(removed.flatMap(refsOf).map(({ kind, key }) => `${kind}:${key}`));
    const isRemaining = (event: StoredEvent) => refsOf(event).some(({ kind, key }) => touched.has(`${kind}:${key}`));
    const remaining = this.events.filter((event) => !removed.includes(event) && isRemaining(event));
    const users = new Set(removed.flatMap(({ userId }) => userId ?? []));
    const inferredSessions = [...users].map((userId) => ({ userId, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }));
    const { refs } = readsFor(removed);
    const { entities, cells } = unfold(removed, remaining, this.#read({ refs, inferredSessions }), this.watermark.minutesFromMs);
    this.#write(entities, cells);
    for (const event of removed) this.#removed.add(event);
    return this;
  }

  accumulator(
    query: MetricQuery,
    asOfMs: number,
    source: AnswerSource = "planned",
  ): { readonly plan: Plan; readonly accumulators: readonly Accumulator[] } {
    const minutesFromMs = source === "without minutes" ? Number.POSITIVE_INFINITY : this.watermark.minutesFromMs;
    const planned = unwrap(planQuery(query, { asOfMs, minutesFromMs }));
    const subQueries =
      source === "log" ? planned.subQueries.map((subQuery) => ({ ...subQuery, source: { kind: "log" } as const })) : planned.subQueries;
    const plan: Plan = { ...planned, subQueries, source: source === "log" ? "log" : planned.source };
    const accumulators = accumulatorsFor(plan);
    for (const accumulator of accumulators) {
      const { subQuery } = accumulator;
      if (subQuery.source.kind === "rollups") for (const cell of this.#cellsOf(subQuery.source)) addCell(accumulator, cell);
      if (readsLog(subQuery)) for (const contribution of this.#contributions()) accumulator.addContribution(contribution);
    }
    return { plan, accumulators };
  }

  answer(query: MetricQuery, asOfMs: number, source: AnswerSource = "planned"): MetricAnswer {
    const { plan, accumulators } = this.accumulator(query, asOfMs, source);
    return answerOf(plan, accumulators);
  }

  /** What there is, with users named instead of numbered: two worlds of the same events are equal. The books and the freshness are left out. */
  state(): { readonly entities: object; readonly cells: object } {
    const users = new Map([...this.entities.user].map(([userId, { number }]) => [number, userId]));
    const compared = [...this.cells].filter(([, { set }]) => !/^(ingest|freshness)/.test(set));
    const cells = compared.map(([key, { set, vector }]) => {
      const named = [...vector].map(([component, amount]) => [
        /^(user_activity|new_user)/.test(set) ? users.get(component) : component,
        amount,
      ]);
      return [key, Object.fromEntries(named)];
    });
    const people = [...this.entities.user].map(([userId, { number: _, ...user }]) => [userId, user]);
    return { entities: { ...this.entities, user: new Map(people as []) }, cells: Object.fromEntries(cells) };
  }

  #read({ refs, inferredSessions }: EntityReads): EntityMaps {
    const found = noEntities();
    const copy = (kind: keyof EntityMaps, key: string) => {
      const value = this.entities[kind].get(key);
      if (value !== undefined) (found as AnyMaps)[kind].set(key, value);
    };
    for (const { kind, key } of refs) copy(kind, key);
    for (const { userId, fromMs, toMs } of inferredSessions) {
      const own = [...this.entities.inferredSession]
        .filter(([key]) => key.startsWith(`${userId}/`))
        .sort(([, a], [, b]) => a.startMs - b.startMs);
      const lastBefore = own.filter(([, session]) => session.startMs < fromMs).slice(-1);
      const within = own.filter(([, session]) => session.startMs >= fromMs && session.startMs <= toMs);
      for (const [key] of [...lastBefore, ...within]) copy("inferredSession", key);
    }
    return found;
  }

  #write(entities: readonly EntityWrite[], cells: readonly Cell[]): void {
    for (const { kind, key, value } of entities) {
      if (value === null) this.entities[kind].delete(key);
      else (this.entities as AnyMaps)[kind].set(key, value);
    }
    for (const { vector, ...cellKey } of cells) {
      const key = JSON.stringify(cellKey);
      const cell = this.cells.get(key) ?? { ...cellKey, vector: new Map() };
      addVector(cell.vector, vector);
      if (cell.vector.size > 0) this.cells.set(key, cell);
      else this.cells.delete(key);
    }
    for (const [key, { tier, bucketMs }] of this.cells)
      if (tier === "minute" && bucketMs < this.watermark.minutesFromMs) this.cells.delete(key);
  }

  #cellsOf({ set, ranges, values }: RollupSource): readonly Cell[] {
    const isAsked = (cell: Cell) =>
      ranges.some(({ tier, fromMs, toMs }) => cell.tier === tier && cell.bucketMs >= fromMs && bucketEnd(tier, cell.bucketMs) <= toMs);
    return [...this.cells.values()].filter((cell) => cell.set === set.name && isAsked(cell) && (values?.includes(cell.value) ?? true));
  }

  *#contributions(): Generator<Contribution> {
    const numberOf = (userId: string) => this.entities.user.get(userId)?.number ?? Number.NaN;
    for (const event of this.events) yield* contributionsOfEvent(event, numberOf);
    for (const kind of entityKinds) for (const [key, entity] of this.entities[kind]) yield* contributionsOfEntity({ kind, key }, entity);
    for (const [i, chunk] of this.chunks.entries()) yield* contributionsOfChunk(chunk, this.foldedAtMs[i] as number);
  }
}

function addCell(accumulator: Accumulator, { vector, ...key }: Cell): void {
  if (accumulator instanceof UserAccumulator) accumulator.addCell({ ...key, users: UserSet.of(vector.keys()) });
  else accumulator.addCell({ ...key, amounts: Float64Array.from([...vector].flat()) });
}

/** A question with nothing asked but what the test is about. */
export function question(asked: Partial<MetricQuery> & Pick<MetricQuery, "metric" | "fromMs" | "toMs">): MetricQuery {
  return { granularity: "total", by: [], filters: [], timeZone: "UTC", statistic: "mean", windowDays: 1, ...asked };
}
