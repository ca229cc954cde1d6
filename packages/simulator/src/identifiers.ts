import type { Random } from "./random.ts";

/** @param digits how many lower-case hex digits */
export function hexDigits(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += random.uint32().toString(16).padStart(8, "0");
  return text.slice(0, digits);
}

const dashed = (hex: string) => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;

/** RFC 9562 variant bits and the 12 bits around them. */
const variant = (random: Random) => ((random.uint32() & 0x3fff) | 0x8000).toString(16);

/** RFC 9562 UUIDv7: 48 bits of Unix milliseconds, 74 bits of seeded chance. */
export function uuidV7(atMs: number, random: Random): string {
  const rest = hexDigits(random, 15);
  return dashed(`${atMs.toString(16).padStart(12, "0")}7${rest.slice(0, 3)}${variant(random)}${rest.slice(3)}`);
}

/** UUIDv4, as G2 names its rooms. */
export function uuidV4(random: Random): string {
  const rest = hexDigits(random, 27);
  return dashed(`${rest.slice(0, 12)}4${rest.slice(12, 15)}${variant(random)}${rest.slice(15)}`);
}

/** A `sub` as Cognito in eu-west-1 makes them: `b2e5a4c4-1001-70aa-8c11-aa00bb11cc22`. */
export function cognitoSub(random: Random): string {
  const rest = hexDigits(random, 25);
  return dashed(`${rest.slice(0, 9)}0${rest.slice(9, 10)}170${rest.slice(10, 12)}${variant(random)}${rest.slice(12, 24)}`);
}
