import { ratioOf } from "./metric-value.ts";
import { wilsonInterval } from "./wilson.ts";

/** A share of people or things: the integers as they were counted, and what they come to. */
export type Proportion = {
  readonly numerator: number;
  readonly denominator: number;
  /** `null` over nothing. */
  readonly value: number | null;
  /** 95 %, by Wilson. */
  readonly interval: readonly [number, number] | null;
};

export function proportionOf(numerator: number, denominator: number): Proportion {
  return { ...ratioOf(numerator, denominator), interval: wilsonInterval(numerator, denominator) };
}
