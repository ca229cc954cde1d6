import { EngineError } from "@trinity/columns/engine";
import type { LogColumns } from "@trinity/columns/log-columns";
import { DamagedStateError, type EventStore } from "@trinity/storage/event-store";
import { type Recount, recount } from "./recount.ts";
import type { Throttle } from "./replay.ts";

/** What a cycle compared with SQL. */
export type Proof = Recount & { readonly days: readonly number[] };

type RecountedStore = Pick<EventStore, "readRollups" | "readPendingDays" | "readVerification">;

/**
 * Compares the cells of a store with SQL over the columns of its log, cycle after cycle: all days with a pending bucket, and one of the others,
 * in turn. So damage of a day that nothing changes is found as well.
 */
export class Recounting {
  readonly #columns: LogColumns;
  readonly #onTrouble: (reason: string) => void;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param onTrouble called with the reason when SQL could not derive the cells */
  constructor(columns: LogColumns, onTrouble: (reason: string) => void = () => {}) {
    this.#columns = columns;
    this.#onTrouble = onTrouble;
  }

  /** @returns null when SQL cannot derive the cells now */
  async next(store: RecountedStore, throttle: Throttle): Promise<Proof | null> {
    const pending = await store.readPendingDays();
    const others = (await this.#columns.days()).filter((dayMs) => !pending.includes(dayMs));
    const other = others.find((dayMs) => dayMs > this.#lastMs) ?? others[0];
    const proof = await this.again(store, throttle, [...pending, ...(other === undefined ? [] : [other])]);
    if (proof !== null && other !== undefined) this.#lastMs = other;
    return proof;
  }

  /** Compares these days, but for frozen ones: their events may be gone. */
  async again(store: RecountedStore, throttle: Throttle, wanted: readonly number[]): Promise<Proof | null> {
    const { frozenBeforeMs } = await store.readVerification();
    const isFrozen = (dayMs: number) => dayMs < frozenBeforeMs;
    const days = [...new Set(wanted)].filter((dayMs) => !isFrozen(dayMs)).sort((a, b) => a - b);
    try {
      const found = await recount(store, this.#columns, days, throttle);
      if (found === null) this.#onTrouble("the log cannot be read as columns now");
      return found && { ...found, days };
    } catch (error) {
      // The shadow state finds which cell it is, and repairs it.
      if (!(error instanceof EngineError) && !(error instanceof DamagedStateError)) throw error;
      this.#onTrouble(error.message);
      return null;
    }
  }
}
