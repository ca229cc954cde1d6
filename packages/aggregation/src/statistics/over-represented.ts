import type { Proportion } from "../proportion.ts";
import { wilsonInterval } from "../wilson.ts";
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

/** Facts on one side: how many, and the sum of the squares of how many came together. */
type Side = { facts: number; squares: number; clusters: number };
/** Facts with a value on one side, and sums over clusters of their count squared, and of it times the cluster's size. */
type Having = { facts: number; squares: number; products: number };
type Value = { readonly attribute: string; readonly value: string; readonly among: Having; readonly others: Having };

/**
 * Counts attributes on two sides and finds what the one side has more of.
 *
 * Facts that come together (the titles of one room) are alike, and say less than as many that do not. So each side's counts are divided by
 * its design effect for the value, how many times the variance of the share between clusters is that of independent facts, and then taken
 * for independent: J. N. K. Rao and A. J. Scott, "A simple method for the analysis of clustered binary data", Biometrics 48 (1992), p. 577.
 * Where all or none of a side have the value the data cannot tell, and a cluster counts as one fact.
 */
export class OverRepresentation {
  readonly #values = new Map<string, Map<string, Value>>();
  readonly #among: Side = { facts: 0, squares: 0, clusters: 0 };
  readonly #others: Side = { facts: 0, squares: 0, clusters: 0 };

  /** @param facts that come together, all on the same side; a single one stands for itself */
  add(isAmong: boolean, facts: readonly Attributes[]): void {
    const side = isAmong ? this.#among : this.#others;
    side.facts += facts.length;
    side.squares += facts.length ** 2;
    side.clusters += 1;
    const counts = new Map<Having, number>();
    for (const fact of facts) {
      for (const having of this.#havingsOf(fact, isAmong ? "among" : "others")) counts.set(having, (counts.get(having) ?? 0) + 1);
    }
    for (const [having, count] of counts) {
      having.facts += count;
      having.squares += count ** 2;
      having.products += count * facts.length;
    }
  }

  /** How many facts there are on either side. */
  get sizes(): { readonly among: number; readonly others: number } {
    return { among: this.#among.facts, others: this.#others.facts };
  }

  /**
   * @returns what is more frequent on the first side, by the lower end of the lift: first what the data is surest to be many times as frequent.
   *   Nothing where one of the sides is empty
   */
  patterns(): readonly Pattern[] {
    const looked = [...this.#values.values()].flatMap((values) => [...values.values()]).flatMap((value) => this.#liftOf(value));
    const adjusted = falseDiscoveryAdjusted(looked.map(({ pValue }) => pValue));
    return looked
      .map((pattern, i) => ({ ...pattern, adjustedPValue: adjusted[i] as number }))
      .filter(({ lift }) => lift === null || lift > 1)
      .sort((a, b) => b.low - a.low || compareText(a.attribute, b.attribute) || compareText(a.value, b.value));
  }

  #liftOf({ attribute, value, among, others }: Value): readonly Omit<Pattern, "adjustedPValue">[] {
    const [effectAmong, effectOthers] = [designEffect(this.#among, among), designEffect(this.#others, others)];
    const lift = liftOf(
      { successes: among.facts / effectAmong, trials: this.#among.facts / effectAmong },
      { successes: others.facts / effectOthers, trials: this.#others.facts / effectOthers },
    );
    if (lift === null) return [];
    return [
      {
        attribute,
        value,
        ...lift,
        // Of the counts as they are: dividing them first may round an even share to an uneven one.
        lift: others.facts === 0 ? null : among.facts / this.#among.facts / (others.facts / this.#others.facts),
        among: shareOf(among.facts, this.#among.facts, effectAmong),
        others: shareOf(others.facts, this.#others.facts, effectOthers),
      },
    ];
  }

  *#havingsOf(fact: Attributes, side: "among" | "others"): Generator<Having> {
    for (const [attribute, told] of Object.entries(fact)) {
      for (const value of typeof told === "string" ? [told] : new Set(told)) yield this.#valueOf(attribute, value)[side];
    }
  }

  #valueOf(attribute: string, value: string): Value {
    let values = this.#values.get(attribute);
    if (values === undefined) this.#values.set(attribute, (values = new Map()));
    let known = values.get(value);
    if (known === undefined) values.set(value, (known = { attribute, value, among: emptyCounts(), others: emptyCounts() }));
    return known;
  }
}

function emptyCounts(): Having {
  return { facts: 0, squares: 0, products: 0 };
}

function designEffect({ facts, squares, clusters }: Side, having: Having): number {
  // Every cluster is a single fact.
  if (squares === facts) return 1;
  if (having.facts === 0 || having.facts === facts || clusters < 2) return squares / facts;
  const share = having.facts / facts;
  const residuals = having.squares - 2 * share * having.products + share ** 2 * squares;
  const variance = ((clusters / (clusters - 1)) * residuals) / facts ** 2;
  return Math.max(1, (facts * variance) / (share * (1 - share)));
}

function shareOf(numerator: number, denominator: number, effect: number): Proportion {
  return { numerator, denominator, value: numerator / denominator, interval: wilsonInterval(numerator / effect, denominator / effect) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
