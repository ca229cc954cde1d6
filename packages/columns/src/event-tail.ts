import type { EventStore } from "@trinity/storage/event-store";
import type { Engine } from "./engine/engine.ts";
import { createTable, insertRows, rowsJson } from "./event-table.ts";
import { placedEvents } from "./place-events.ts";

let tables = 0;

/** The events after the segments, as a table of the engine. */
export class EventTail {
  /** The last chunk that the segments have. */
  readonly afterSeq: number;
  readonly table: string;
  readonly #engine: Engine;
  #throughSeq: number;
  #events = 0;
  #users = 0;
  #isReplaced = false;

  private constructor(afterSeq: number, table: string, engine: Engine) {
    this.afterSeq = afterSeq;
    this.table = table;
    this.#engine = engine;
    this.#throughSeq = afterSeq;
  }

  /** @param before the tail in use so far: what it has is copied, and it is dropped when nobody uses it any more */
  static async after(afterSeq: number, engine: Engine, before: EventTail | null): Promise<EventTail> {
    const tail = new EventTail(afterSeq, `tail_${++tables}`, engine);
    await engine.read({ sql: createTable(tail.table) });
    if (before !== null && before.afterSeq <= afterSeq && before.#throughSeq > afterSeq) {
      const [[events] = []] = await engine.read({ sql: `INSERT INTO ${tail.table} SELECT * FROM ${before.table} WHERE seq > ${afterSeq}` });
      tail.#events = Number(events);
      tail.#throughSeq = before.#throughSeq;
    }
    if (before !== null) before.#replace();
    return tail;
  }

  /** Adds the chunks up to this one. @returns whether the tail has them all: not where they are more than `eventsMax` */
  async extend(store: Pick<EventStore, "readChunks" | "readEntities">, throughSeq: number, eventsMax: number): Promise<boolean> {
    if (throughSeq > this.#throughSeq && this.#events <= eventsMax) {
      for await (const { chunks, events } of placedEvents(store, { afterSeq: this.#throughSeq, throughSeq })) {
        await this.#engine.read({ sql: insertRows(this.table), parameters: { rows: rowsJson(events) } });
        this.#throughSeq = chunks.at(-1)?.seq ?? this.#throughSeq;
        this.#events += events.length;
        if (this.#events > eventsMax) break;
      }
    }
    return this.#throughSeq >= throughSeq && this.#events <= eventsMax;
  }

  use(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    this.#dropIfUnused();
  }

  #replace(): void {
    this.#isReplaced = true;
    this.#dropIfUnused();
  }

  #dropIfUnused(): void {
    if (!this.#isReplaced || this.#users > 0 || !this.#engine.isAlive) return;
    void this.#engine.read({ sql: `DROP TABLE IF EXISTS ${this.table}` }).catch(() => {}); // the engine has ended, and the table with it
  }
}
