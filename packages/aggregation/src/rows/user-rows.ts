import type { Accumulator } from "../accumulator.ts";
import type { FactFilter } from "../fact-filter.ts";
import type { CountWindow } from "../sub-query.ts";
import type { UserSet } from "../user-set.ts";
import type { Fact, Row, RowCollector } from "./row.ts";

export type UserRowsSettings = {
  readonly filter: FactFilter;
  /** A user is a row for each window in which a fact of the user counts. Starts and ends of windows ascend. */
  readonly windows: readonly CountWindow[];
  /** Whether rows have the end of their window; without need if the range is the only window. */
  readonly byDay: boolean;
  /** The users that make the number; all if it is absent. */
  readonly onlyUsers?: (accumulators: readonly Accumulator[]) => UserSet;
};

type UserRow = Row & { readonly number: number };

/** Each user with facts that count is a row: at the time of the first fact, with the amount of all. */
export class UserRows implements RowCollector {
  readonly #settings: UserRowsSettings;
  readonly #byWindow = new Map<number, Map<number, UserRow>>();

  constructor(settings: UserRowsSettings) {
    this.#settings = settings;
  }

  add({ contributions }: Fact): null {
    const { filter, windows, byDay } = this.#settings;
    for (const contribution of contributions) {
      if (!filter.counts(contribution)) continue;
      const { atMs, dimensions, amounts, userId } = contribution;
      const [number = 0, amount = 0] = amounts;
      for (let group = firstEndingAfter(windows, atMs); (windows[group]?.countFromMs ?? Number.POSITIVE_INFINITY) <= atMs; group++) {
        const { countToMs } = windows[group] as CountWindow;
        const users = this.#byWindow.get(group) ?? new Map<number, UserRow>();
        this.#byWindow.set(group, users);
        const known = users.get(number);
        const leads = known === undefined || atMs < known.atMs;
        const row = leads ? rowOf(group, userId as string, atMs, dimensions) : known;
        users.set(number, { ...row, ...(byDay ? { untilMs: countToMs } : {}), number, amount: amount + (known?.amount ?? 0) });
      }
    }
    return null;
  }

  rest(accumulators: readonly Accumulator[]): readonly Row[] {
    const users = [...this.#byWindow.values()].flatMap((rows) => [...rows.values()]);
    const onlyUsers = this.#settings.onlyUsers?.(accumulators);
    return onlyUsers === undefined ? users : users.filter(({ number }) => onlyUsers.has(number));
  }
}

function firstEndingAfter(windows: readonly CountWindow[], atMs: number): number {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle] as CountWindow).countToMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowOf(group: number, key: string, atMs: number, dimensions: Row["dimensions"]) {
  return { place: { group, key }, key, atMs, dimensions, event: null };
}
