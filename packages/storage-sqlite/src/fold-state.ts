import type { Cell, CellKey } from "@trinity/aggregation/cell";
import type { EntityMaps, EntityReads } from "@trinity/aggregation/entity";
import type { FoldMark, FoldStep } from "@trinity/aggregation/fold";
import type { CellRange, RollupSnapshot } from "@trinity/storage/event-store";
import type { Database, Statement } from "better-sqlite3";
import { CellReader } from "./cell-reader.ts";
import { CellWriter } from "./cell-writer.ts";
import { EntityTable } from "./entity-table.ts";
import { FoldTrail } from "./fold-trail.ts";
import { inWriteTransaction } from "./write-transaction.ts";

type MarkColumns = [seq: number, revision: number, users: number, minutesFromMs: number];

/** What the log adds up to, in `state.db`: read as of one moment, moved on in one step. */
export class FoldState {
  readonly entities: EntityTable;
  readonly trail: FoldTrail;
  readonly #database: Database;
  readonly #cellReader: CellReader;
  readonly #cellWriter: CellWriter;
  readonly #mark: Statement<[], FoldMark>;
  readonly #moveMark: Statement<[...to: MarkColumns, ...from: MarkColumns]>;

  constructor(database: Database) {
    this.#database = database;
    this.entities = new EntityTable(database);
    this.trail = new FoldTrail(database);
    this.#cellReader = new CellReader(database);
    this.#cellWriter = new CellWriter(database);
    this.#mark = database.prepare("SELECT seq, revision, users, minutes_from_ms AS minutesFromMs FROM mark");
    this.#moveMark = database.prepare(
      `UPDATE mark SET seq = ?, revision = ?, users = ?, minutes_from_ms = ?
       WHERE seq = ? AND revision = ? AND users = ? AND minutes_from_ms = ?`,
    );
  }

  readMark(): FoldMark {
    return this.#mark.get() as FoldMark;
  }

  readEntities(reads: EntityReads): EntityMaps {
    return this.#atOneMoment(() => this.entities.read(reads));
  }

  readCells(ranges: readonly CellRange[], userRanges: readonly CellRange[]): Omit<RollupSnapshot, "headSeq"> {
    return this.#atOneMoment(() => ({
      mark: this.readMark(),
      cells: ranges.map((range) => this.#cellReader.inRange(range)),
      users: userRanges.map((range) => this.#cellReader.usersInRange(range)),
    }));
  }

  scanCells(after: CellKey | null, limit: number): readonly Cell[] {
    return this.#atOneMoment(() => this.#cellReader.page(after, limit));
  }

  commit(step: FoldStep): "committed" | "superseded" {
    return inWriteTransaction(this.#database, () => {
      if (!this.#moved(step)) return "superseded";
      this.entities.write(step.entities);
      const { minutesFromMs } = step.to;
      this.#cellWriter.add(step.cells.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= minutesFromMs));
      if (minutesFromMs > step.from.minutesFromMs) this.#cellWriter.dropMinutesBefore(minutesFromMs);
      this.trail.write(step);
      return "committed";
    });
  }

  /** Moves the mark only from where the step found it: of several folders that race, one. */
  #moved({ from, to }: FoldStep): boolean {
    return this.#moveMark.run(...columnsOf(to), ...columnsOf(from)).changes === 1;
  }

  #atOneMoment<Result>(read: () => Result): Result {
    return this.#database.transaction(read).deferred();
  }
}

function columnsOf({ seq, revision, users, minutesFromMs }: FoldMark): MarkColumns {
  return [seq, revision, users, minutesFromMs];
}
