import type { Proportion } from "../proportion.ts";
import { wilsonInterval } from "../wilson.ts";
import { falseDiscoveryAdjusted } from "./false-discovery.ts";
import { type Lift, liftOf } from "./lift.ts";

/** The attributes of one fact, by name. Each distinct value of a list counts once. */
export type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** A value of an attribute, with its lift: how much more frequent it is in the first group than in the other. */
export type Pattern = Lift & {
  readonly attribute: string;
  readonly value: string;
  readonly among: Proportion;
  readonly others: Proportion;
  /** By Benjamini and Hochberg, over all tested values of all attributes. */
  readonly adjustedPValue: number;
};

/** Facts of one group: their number, the sum of the squared cluster sizes, and the number of clusters. */
type Side = { facts: number; squares: number; clusters: number };
/** Facts of one group with a value: their number, and the sums over clusters of (number in the cluster)^2 and of that number times the cluster size. */
type Having = { facts: number; squares: number; products: number };
type Value = { readonly attribute: string; readonly value: string; readonly among: Having; readonly others: Having };

/**
 * Counts attributes in two groups and finds values that are more frequent in the first.
 *
 * Facts of one cluster (the titles of one room) are correlated, so they contain less information than independent facts. So the counts of each
 * group are divided by the design effect for the value: the variance of the share with clusters, relative to that of independent facts. The
 * results are then treated as independent: J. N. K. Rao and A. J. Scott, "A simple method for the analysis of clustered binary data",
 * Biometrics 48 (1992), p. 577. If all or none of a group have the value, the effect cannot be estimated, and a cluster counts as one fact.
 */
export class OverRepresentation {
  readonly #values = new Map<string, Map<string, Value>>();
  readonly #among: Side = { facts: 0, squares: 0, clusters: 0 };
  readonly #others: Side = { facts: 0, squares: 0, clusters: 0 };

  /** @param facts of one cluster, all in the same group; an independent fact is a cluster of one */
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

  /** @param fact independent of all others, as most are: less work than a cluster of one, and the same counts */
  addOne(isAmong: boolean, fact: Attributes): void {
    const side = isAmong ? this.#among : this.#others;
    side.facts += 1;
    side.squares += 1;
    side.clusters += 1;
    for (const attribute in fact) {
      const values = fact[attribute] as Attributes[string];
      if (typeof values === "string") this.addValue(isAmong, { attribute, value: values, facts: 1 });
      else for (const value of values.length > 1 ? new Set(values) : values) this.addValue(isAmong, { attribute, value, facts: 1 });
    }
  }

  /** @param one a value of one more attribute of independent facts that are added by themselves, and how many of them have it */
  addValue(isAmong: boolean, { attribute, value, facts }: Pick<Value, "attribute" | "value"> & { readonly facts: number }): void {
    const having = this.#valueOf(attribute, value)[isAmong ? "among" : "others"];
    having.facts += facts;
    having.squares += facts;
    having.products += facts;
  }

  /** The number of facts in each group. */
  get sizes(): { readonly among: number; readonly others: number } {
    return { among: this.#among.facts, others: this.#others.facts };
  }

  /**
   * @returns values that are more frequent in the first group, by descending lower bound of the lift; empty if one of the groups is empty
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
        // From the original counts: dividing them first could round equal shares to different values.
        lift: others.facts === 0 ? null : among.facts / this.#among.facts / (others.facts / this.#others.facts),
        among: shareOf(among.facts, this.#among.facts, effectAmong),
        others: shareOf(others.facts, this.#others.facts, effectOthers),
      },
    ];
  }

  *#havingsOf(fact: Attributes, side: "among" | "others"): Generator<Having> {
    for (const [attribute, values] of Object.entries(fact)) {
      for (const value of typeof values === "string" ? [values] : new Set(values)) yield this.#valueOf(attribute, value)[side];
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
