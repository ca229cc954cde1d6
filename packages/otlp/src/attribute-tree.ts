import { decodeLimits } from "./decode-limits.ts";
import type { Attributes, AttributeValue } from "./otlp-records.ts";
import type { RejectionCode } from "./rejection.ts";

/**
 * A decoded OTLP `AnyValue`. `null`: present, but empty. A number that is not finite cannot be stored: NaN,
 * an infinity, or an integer beyond 64 bits.
 */
export type AttributeTree = string | number | boolean | null | readonly AttributeTree[] | { readonly [key: string]: AttributeTree };

/** The state of a reader within one record. Only the first fault counts, and reading costs nothing after it. */
export class RecordDraft {
  fault: RejectionCode | undefined;
  readonly attributes: Record<string, AttributeValue> = {};
  /** Attributes with a number that is not finite, as texts: they are no values, but they distinguish records. */
  leftOut: Record<string, string> | undefined;
  /** True for texts of a small vocabulary, such as names of operations. */
  readonly textsRepeat: boolean = false;
  private attributesLeft: number = decodeLimits.attributesMax;
  private valuesLeft: number = decodeLimits.valuesMax;

  /** How many values were read so far, nested and unwanted ones included. */
  get valueCount(): number {
    return decodeLimits.valuesMax - this.valuesLeft;
  }

  reject(code: RejectionCode): void {
    this.fault ??= code;
  }

  /** @returns false when the record has too many attributes */
  takeAttribute(): boolean {
    if (this.attributesLeft-- > 0) return true;
    this.reject("too_many_attributes");
    return false;
  }

  /** @returns false when one more value, at this depth, is too much */
  takeValue(depth: number): boolean {
    if (depth > decodeLimits.depthMax) this.reject("too_deep");
    else if (this.valuesLeft-- <= 0) this.reject("too_many_values");
    else return true;
    return false;
  }

  setAttribute(key: string, tree: AttributeTree): void {
    // Assigning to this name would change the prototype of the record.
    if (key === "__proto__") this.reject("bad_key");
    else if (!isFiniteTree(tree)) (this.leftOut ??= {})[key] = treeText(tree);
    else if (tree !== null) this.attributes[key] = attributeValueOf(tree);
  }
}

/** False when a number somewhere in the value is not finite. */
export function isFiniteTree(tree: AttributeTree): boolean {
  if (typeof tree === "number") return Number.isFinite(tree);
  if (typeof tree !== "object" || tree === null) return true;
  return Object.values(tree).every(isFiniteTree);
}

/** The JSON text of a value, in which NaN and the infinities are words. */
export function treeText(tree: AttributeTree): string {
  return JSON.stringify(tree, (_, value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
}

function attributeValueOf(tree: AttributeTree): AttributeValue {
  if (typeof tree !== "object" || tree === null) return tree ?? "";
  if (!Array.isArray(tree)) return JSON.stringify(tree);
  return (tree as readonly AttributeTree[]).map((item) => (typeof item === "string" ? item : item === null ? "" : JSON.stringify(item)));
}

/** The canonical text of a set of attributes: sorted by name, so that the order of the sender does not matter. */
export function attributesText(attributes: Attributes, leftOut?: Attributes): string {
  const names = Object.keys(attributes).sort();
  const text = JSON.stringify(names.map((name) => [name, attributes[name]]));
  return leftOut === undefined ? text : `${text}${attributesText(leftOut)}`;
}

/** Signed 64 bits from two unsigned halves: a number while that is exact, its decimal digits beyond. */
export function int64FromHalves(high: number, low: number): number | string {
  const signed = (high | 0) * 4_294_967_296 + low;
  return Number.isSafeInteger(signed) ? signed : ((BigInt(high | 0) << 32n) | BigInt(low)).toString();
}
