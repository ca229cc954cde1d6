import { type Proportion, proportionOf } from "../proportion.ts";
import { falseDiscoveryAdjusted } from "./false-discovery.ts";
import { type Lift, liftOf } from "./lift.ts";

/** What is known of one fact, by the name of the attribute; one that has several values has each of them once. */
export type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** A value of an attribute, and how many times as frequent it is among some as among others. */
export type Pattern = Lift & {
  readonly attribute: string;
  readonly value: string;
  readonly among: Proportion;
  readonly others: Proportion;
  /** By Benjamini and Hochberg, over every value of every attribute that was looked at. */
  readonly adjustedPValue: number;
};

type Counts = { readonly attribute: string; readonly value: string; among: number; others: number };

/** Counts attributes on two sides, facts in any order, and finds what the one side has more of. Nothing is on both sides. */
export class OverRepresentation {
  readonly #counts = new Map<string, Map<string, Counts>>();
  #among = 0;
  #others = 0;

  add(isAmong: boolean, attributes: Attributes): void {
    const side = isAmong ? "among" : "others";
    if (isAmong) this.#among += 1;
    else this.#others += 1;
    for (const [attribute, values] of Object.entries(attributes)) {
      for (const value of typeof values === "string" ? [values] : new Set(values)) this.#countsOf(attribute, value)[side] += 1;
    }
  }

  /** How many facts there are on either side. */
  get sizes(): { readonly among: number; readonly others: number } {
    return { among: this.#among, others: this.#others };
  }

  /**
   * @returns what is more frequent on the first side, as far as the data can tell the most: by the lower end of the lift. Nothing where one
   *   of the sides is empty
   */
  patterns(): readonly Pattern[] {
    const looked = [...this.#counts.values()].flatMap((values) => [...values.values()]).flatMap((counts) => this.#liftOf(counts));
    const adjusted = falseDiscoveryAdjusted(looked.map(({ pValue }) => pValue));
    return looked
      .map((pattern, i) => ({ ...pattern, adjustedPValue: adjusted[i] as number }))
      .filter(({ lift }) => lift === null || lift > 1)
      .sort((a, b) => b.low - a.low || compareText(a.attribute, b.attribute) || compareText(a.value, b.value));
  }

  #liftOf({ attribute, value, among, others }: Counts): readonly Omit<Pattern, "adjustedPValue">[] {
    const lift = liftOf({ successes: among, trials: this.#among }, { successes: others, trials: this.#others });
    if (lift === null) return [];
    return [{ attribute, value, ...lift, among: proportionOf(among, this.#among), others: proportionOf(others, this.#others) }];
  }

  #countsOf(attribute: string, value: string): Counts {
    let values = this.#counts.get(attribute);
    if (values === undefined) this.#counts.set(attribute, (values = new Map()));
    let counts = values.get(value);
    if (counts === undefined) values.set(value, (counts = { attribute, value, among: 0, others: 0 }));
    return counts;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
