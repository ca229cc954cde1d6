import { hourMs, hourStartOf, type Rate } from "./day-curve.ts";
import { drawPerson, eagernessOn, longestStayMs, type Person } from "./people.ts";
import { Random } from "./random.ts";
import { startTimes } from "./start-times.ts";

const dayMs = 86_400_000;

/** The people whose first app start is in one hour: a function of the seed and the hour, whatever window is simulated. */
export function newcomersOf(seed: number, rate: Rate, hourStartMs: number): readonly Person[] {
  const random = new Random(seed, "newcomers", hourStartMs);
  return startTimes(rate, hourStartMs, random).map((atMs) => drawPerson(atMs, random));
}

/**
 * The people who use Trinity: newcomers arrive and leavers are dropped, so its size is bounded.
 * Times asked for must not go back by more than the current day.
 */
export class Population {
  readonly #seed: number;
  readonly #rate: Rate;
  #people: Person[] = [];
  /** `#reach[i]` is the eagerness of all people up to and including `i`. */
  #reach: number[] = [];
  #dayStartMs = Number.NEGATIVE_INFINITY;
  #knownUntilMs: number;

  constructor(seed: number, rate: Rate, fromMs: number) {
    this.#seed = seed;
    this.#rate = rate;
    this.#knownUntilMs = hourStartOf(fromMs - longestStayMs);
  }

  /** How many have arrived by then and not left before that day. */
  sizeAt(atMs: number): number {
    this.#advanceTo(atMs);
    return countUpTo(this.#people, atMs);
  }

  /** One of the people present at that time, the eager ones more often. `undefined` while there are none. */
  pick(random: Random, atMs: number): Person | undefined {
    const size = this.sizeAt(atMs);
    if (size === 0) return undefined;
    const target = random.unit() * (this.#reach[size - 1] ?? 0);
    return this.#people[firstAbove(this.#reach, target, size)];
  }

  /** Somebody who arrived at about the same time: people invite each other, so friends are neighbours. */
  pickFriend(of: Person, random: Random, atMs: number): Person | undefined {
    const size = this.sizeAt(atMs);
    const place = countUpTo(this.#people, of.arrivedAtMs) - 1 + random.pick([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]);
    return place < size ? this.#people[place] : undefined;
  }

  #advanceTo(atMs: number): void {
    const dayStartMs = Math.floor(atMs / dayMs) * dayMs;
    if (dayStartMs <= this.#dayStartMs) return;
    this.#dayStartMs = dayStartMs;
    this.#people = this.#people.filter((person) => person.leavesAtMs > dayStartMs);
    for (; this.#knownUntilMs < dayStartMs + dayMs; this.#knownUntilMs += hourMs) {
      this.#people.push(...newcomersOf(this.#seed, this.#rate, this.#knownUntilMs).filter((person) => person.leavesAtMs > dayStartMs));
    }
    let sum = 0;
    this.#reach = this.#people.map((person) => (sum += eagernessOn(person, dayStartMs)));
  }
}

/** How many of the people, who are ordered by arrival, are there at that time. */
function countUpTo(people: readonly Person[], atMs: number): number {
  let [low, high] = [0, people.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((people[middle]?.arrivedAtMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first of `size` ascending numbers above the target. */
function firstAbove(ascending: readonly number[], target: number, size: number): number {
  let [low, high] = [0, size - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
