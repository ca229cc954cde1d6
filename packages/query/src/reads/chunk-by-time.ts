import type { EventMeasure } from "@trinity/aggregation/event-measures";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { Amounts } from "@trinity/aggregation/vector";
import type { StoredEvent } from "@trinity/events/event";

/** What the events of a chunk add to a measure, in order of time: `amounts[i]` at `atMs[i]`. */
type TimedAmounts = { readonly atMs: readonly number[]; readonly amounts: readonly Amounts[] };

/** The events of a chunk in order of time, and what they add to measures. */
export class ChunkByTime {
  readonly #events: readonly StoredEvent[];
  readonly #atMs: readonly number[];
  readonly #amounts = new Map<EventMeasure, TimedAmounts>();

  constructor({ events }: LogChunk) {
    this.#events = events.toSorted((a, b) => a.timestampMs - b.timestampMs);
    this.#atMs = this.#events.map(({ timestampMs }) => timestampMs);
  }

  eventsIn(range: TimeRange): readonly StoredEvent[] {
    return this.#events.slice(...placesOf(range, this.#atMs));
  }

  /** @returns the users whose numbers `forEachAmount` needs of a measure: none if it has none in the range, or knows them already */
  usersNeeded(measure: EventMeasure, range: TimeRange): ReadonlySet<string> {
    const users = new Set<string>();
    if (measure.components !== "users" || this.#amounts.has(measure) || this.#hasNoneIn(range)) return users;
    const note = (userId: string) => (users.add(userId), 0);
    for (const event of this.#events) measure.amountsOf(event, note);
    return users;
  }

  /** Calls back with what each event of the range adds to a measure. */
  forEachAmount(
    measure: EventMeasure,
    range: TimeRange,
    numberOf: (userId: string) => number,
    tell: (atMs: number, amounts: Amounts) => void,
  ): void {
    if (this.#hasNoneIn(range)) return;
    const { atMs, amounts } = this.#amountsOf(measure, numberOf);
    const [first, end] = placesOf(range, atMs);
    for (let i = first; i < end; i++) tell(atMs[i] as number, amounts[i] as Amounts);
  }

  #hasNoneIn(range: TimeRange): boolean {
    const [first, end] = placesOf(range, this.#atMs);
    return first === end;
  }

  #amountsOf(measure: EventMeasure, numberOf: (userId: string) => number): TimedAmounts {
    let found = this.#amounts.get(measure);
    if (found !== undefined) return found;
    const timed = this.#events.flatMap((event) => {
      const amounts = measure.amountsOf(event, numberOf);
      return amounts === null ? [] : [{ atMs: event.timestampMs, amounts }];
    });
    found = { atMs: timed.map(({ atMs }) => atMs), amounts: timed.map(({ amounts }) => amounts) };
    this.#amounts.set(measure, found);
    return found;
  }
}

/** Stores keep the chunks that they read last, and dashboards ask for the same ends again and again. */
const known = new WeakMap<LogChunk, ChunkByTime>();

/** @returns the same for the same chunk, as long as a store keeps it */
export function chunkByTime(chunk: LogChunk): ChunkByTime {
  let found = known.get(chunk);
  if (found === undefined) known.set(chunk, (found = new ChunkByTime(chunk)));
  return found;
}

/** @param atMs ascending @returns the first place in the range, and the first behind it */
function placesOf({ fromMs, toMs }: TimeRange, atMs: readonly number[]): readonly [first: number, end: number] {
  return [firstFrom(atMs, fromMs), firstFrom(atMs, toMs)];
}

function firstFrom(atMs: readonly number[], fromMs: number): number {
  let low = 0;
  let high = atMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((atMs[middle] as number) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
