import type { CountSpan } from "../part.ts";
import type { PartRule } from "../part-rule.ts";
import type { Tally } from "../tally.ts";
import type { UserSet } from "../user-set.ts";
import type { Fact, Row, RowCollector } from "./row.ts";

export type UserRowsSettings = {
  readonly rule: PartRule;
  /** Somebody is a row for each of these in which something of theirs counts. */
  readonly spans: readonly CountSpan[];
  /** Whether rows say until when they count: needless where there is one span, the range itself. */
  readonly byDay: boolean;
  /** Who of them makes the number; everybody where this is absent. */
  readonly among?: (tallies: readonly Tally[]) => UserSet;
};

type UserRow = Row & { readonly number: number };

/** Each user of whom something counts is a row, at the first of it and with the amount of all of it. */
export class UserRows implements RowCollector {
  readonly #settings: UserRowsSettings;
  readonly #bySpan: readonly Map<number, UserRow>[];

  constructor(settings: UserRowsSettings) {
    this.#settings = settings;
    this.#bySpan = settings.spans.map(() => new Map());
  }

  add({ contributions }: Fact): null {
    const { rule, spans, byDay } = this.#settings;
    for (const contribution of contributions) {
      if (!rule.counts(contribution)) continue;
      const { atMs, dimensions, amounts, userId } = contribution;
      const [number = 0, amount = 0] = amounts;
      for (const [group, { countFromMs, countToMs }] of spans.entries()) {
        if (atMs < countFromMs || atMs >= countToMs) continue;
        const users = this.#bySpan[group] as Map<number, UserRow>;
        const known = users.get(number);
        const leads = known === undefined || atMs < known.atMs;
        const row = leads ? rowOf(group, userId as string, atMs, dimensions) : known;
        users.set(number, { ...row, ...(byDay ? { untilMs: countToMs } : {}), number, amount: amount + (known?.amount ?? 0) });
      }
    }
    return null;
  }

  rest(tallies: readonly Tally[]): readonly Row[] {
    const users = this.#bySpan.flatMap((rows) => [...rows.values()]);
    const among = this.#settings.among?.(tallies);
    return among === undefined ? users : users.filter(({ number }) => among.has(number));
  }
}

function rowOf(group: number, key: string, atMs: number, dimensions: Row["dimensions"]) {
  return { place: { group, key }, key, atMs, dimensions, event: null };
}
