/** A question needs more of the log, or more entities, than one answer may read. */
export class ScanLimitError extends Error {
  override readonly name = "ScanLimitError";
}

/** The maximum number of events, or other rows of the log, that one answer may read: about five seconds. */
export const scanMax = 2_000_000;

type Unit = "events" | "rows" | "rooms";

/** What one answer may still read. */
export class ScanBudget {
  readonly #max: number;
  readonly #unit: Unit;
  #left: number;

  constructor(max: number, unit: Unit) {
    this.#max = max;
    this.#unit = unit;
    this.#left = max;
  }

  /** @throws {ScanLimitError} when fewer than `count` are left */
  require(count: number): void {
    if (count > this.#left) throw new ScanLimitError(`more than ${this.#max} ${this.#unit} would have to be read`);
  }

  /** @throws {ScanLimitError} */
  spend(count: number): void {
    this.require(count);
    this.#left -= count;
  }
}
