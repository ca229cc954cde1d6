import { decodeLimits } from "./decode-limits.ts";
import type { Attributes, AttributeValue } from "./otlp-records.ts";
import type { RejectionCode } from "./rejection.ts";

/** An OTLP `AnyValue` as it was read. `null`: present, but holding nothing. */
export type AttributeTree = string | number | boolean | null | readonly AttributeTree[] | { readonly [key: string]: AttributeTree };

/** What a reader knows of the record it reads: the first fault decides, and reading stops to cost anything after it. */
export class RecordDraft {
  fault: RejectionCode | undefined;
  readonly attributes: Record<string, AttributeValue> = {};
  /** True where texts come from a small vocabulary, as those that name an operation do. */
  readonly textsRepeat: boolean = false;
  private attributesLeft: number = decodeLimits.attributesMax;
  private valuesLeft: number = decodeLimits.valuesMax;

  /** How many values were read so far, nested ones and unwanted ones counted. */
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
    // Assigning to this one name would change the prototype of the record.
    if (key === "__proto__") this.reject("bad_key");
    else if (tree !== null) this.attributes[key] = attributeValueOf(tree);
  }
}

function attributeValueOf(tree: AttributeTree): AttributeValue {
  if (typeof tree !== "object" || tree === null) return tree ?? "";
  if (!Array.isArray(tree)) return JSON.stringify(tree);
  return (tree as readonly AttributeTree[]).map((item) => (typeof item === "string" ? item : item === null ? "" : JSON.stringify(item)));
}

/** The one text of a set of attributes: sorted by name, so that the order in which a sender lists them means nothing. */
export function attributesText(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return JSON.stringify(names.map((name) => [name, attributes[name]]));
}

/** Signed 64 bits from two unsigned halves: a number while that is exact, its decimal digits beyond. */
export function int64FromHalves(high: number, low: number): number | string {
  const signed = (high | 0) * 4_294_967_296 + low;
  return Number.isSafeInteger(signed) ? signed : ((BigInt(high | 0) << 32n) | BigInt(low)).toString();
}
