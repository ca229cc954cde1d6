import type { AskedIn } from "@trinity/query/query";

type Waiting = { readonly request: AskedIn };

export type FairLimits = {
  /** How many run at once. */
  readonly runningMax: number;
  /** So many of them of one caller; of one request only one. */
  readonly runningOfCallerMax: number;
  readonly waitingMax: number;
  readonly waitingOfCallerMax: number;
};

/** Who runs next: callers take turns, however much each of them asks. */
export class FairQueue<Item extends Waiting> {
  readonly #limits: FairLimits;
  /** By caller; whose turn is next comes first. */
  readonly #waiting = new Map<string, Item[]>();
  readonly #running = new Set<Item>();

  constructor(limits: FairLimits) {
    this.#limits = limits;
  }

  /** @returns false when too many wait already */
  add(item: Item): boolean {
    const { caller } = item.request;
    const ofCaller = this.#waiting.get(caller) ?? [];
    if (ofCaller.length >= this.#limits.waitingOfCallerMax || this.#waitingCount() >= this.#limits.waitingMax) return false;
    this.#waiting.set(caller, [...ofCaller, item]);
    return true;
  }

  /** @returns the next that may run, which then counts as running; null when none may */
  take(): Item | null {
    if (this.#running.size >= this.#limits.runningMax) return null;
    const running = [...this.#running].map(({ request }) => request);
    for (const [caller, items] of this.#waiting) {
      if (running.filter((request) => request.caller === caller).length >= this.#limits.runningOfCallerMax) continue;
      const next = items.find(({ request }) => !running.includes(request));
      if (next === undefined) continue;
      this.remove(next);
      this.#moveToEnd(caller);
      this.#running.add(next);
      return next;
    }
    return null;
  }

  /** Makes room for the next. */
  end(item: Item): void {
    this.#running.delete(item);
  }

  /** @returns false when it does not wait */
  remove(item: Item): boolean {
    const { caller } = item.request;
    const items = this.#waiting.get(caller) ?? [];
    const left = items.filter((one) => one !== item);
    if (left.length === 0) this.#waiting.delete(caller);
    else this.#waiting.set(caller, left);
    return left.length < items.length;
  }

  #moveToEnd(caller: string): void {
    const left = this.#waiting.get(caller);
    if (left === undefined) return;
    this.#waiting.delete(caller);
    this.#waiting.set(caller, left);
  }

  #waitingCount(): number {
    return [...this.#waiting.values()].reduce((sum, items) => sum + items.length, 0);
  }
}
