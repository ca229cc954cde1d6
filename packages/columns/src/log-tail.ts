import type { Engine } from "./engine/engine.ts";
import { type LogPage, type LogReads, logPages, rowsJson } from "./log-pages.ts";
import { createTable, insertRows, type LogTable } from "./log-table.ts";
import { logTables } from "./log-tables.ts";

let tails = 0;

/** A tail that would be so many times too long is not begun: filling it takes seconds, for nothing. */
const farTooLong = 2;

/** The log behind the segments, as tables of the engine. */
export class LogTail {
  /** The last chunk that the segments have. */
  readonly afterSeq: number;
  readonly #engine: Engine;
  readonly #number = ++tails;
  #throughSeq: number;
  #events = 0;
  /** Until more is sealed, and another tail begins. */
  #isTooLong = false;
  #users = 0;
  #isReplaced = false;

  private constructor(afterSeq: number, engine: Engine) {
    this.afterSeq = afterSeq;
    this.#engine = engine;
    this.#throughSeq = afterSeq;
  }

  /** @param before the tail in use so far: what it has is copied, and it is dropped when nobody uses it any more */
  static async after(afterSeq: number, engine: Engine, before: LogTail | null): Promise<LogTail> {
    const tail = new LogTail(afterSeq, engine);
    for (const table of logTables) await engine.read({ sql: createTable(table, tail.nameOf(table)) });
    if (before !== null && before.afterSeq <= afterSeq && before.#throughSeq > afterSeq) await tail.#copyFrom(before);
    await before?.replace();
    return tail;
  }

  nameOf({ name }: LogTable): string {
    return `${name}_tail_${this.#number}`;
  }

  /** Adds the chunks up to this one. @returns whether the tail has them all: not where they have more than `eventsMax` events */
  async extend(store: LogReads, throughSeq: number, eventsMax: number): Promise<boolean> {
    if (throughSeq > this.#throughSeq && !this.#isTooLong) {
      for await (const page of logPages(store, { afterSeq: this.#throughSeq, throughSeq })) {
        this.#isTooLong = this.#events + page.event.length > eventsMax || this.#expectedEvents(page, throughSeq) > farTooLong * eventsMax;
        if (this.#isTooLong) break;
        await this.#insert((table) => ({ sql: insertRows(table, this.nameOf(table)), parameters: { rows: rowsJson(page, table) } }));
        this.#throughSeq = page.chunks.at(-1)?.seq ?? this.#throughSeq;
        this.#events += page.event.length;
      }
    }
    return this.#throughSeq >= throughSeq;
  }

  /** @returns how many events the tail will have, if the chunks behind the page are of the same size */
  #expectedEvents({ chunks, event }: LogPage, throughSeq: number): number {
    return this.#events + (event.length / chunks.length) * (throughSeq - this.#throughSeq);
  }

  use(): void {
    this.#users += 1;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    await this.#dropIfUnused();
  }

  async #copyFrom(before: LogTail): Promise<void> {
    const [events = 0] = await this.#insert((table) => ({
      sql: `INSERT INTO ${this.nameOf(table)} SELECT * FROM ${before.nameOf(table)} WHERE seq > ${this.afterSeq}`,
    }));
    this.#events = events;
    this.#throughSeq = before.#throughSeq;
  }

  /** @returns how many rows were added to each table */
  async #insert(statementOf: (table: LogTable) => Parameters<Engine["read"]>[0]): Promise<readonly number[]> {
    const added: number[] = [];
    for (const table of logTables) added.push(Number((await this.#engine.read(statementOf(table)))[0]?.[0] ?? 0));
    return added;
  }

  /** It is dropped when nobody uses it any more. */
  async replace(): Promise<void> {
    this.#isReplaced = true;
    await this.#dropIfUnused();
  }

  async #dropIfUnused(): Promise<void> {
    if (!this.#isReplaced || this.#users > 0 || !this.#engine.isAlive) return;
    for (const table of logTables) await this.#engine.read({ sql: `DROP TABLE IF EXISTS ${this.nameOf(table)}` }).catch(() => {}); // the engine has ended, and the table with it
  }
}
