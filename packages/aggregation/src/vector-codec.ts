import type { Vector } from "./vector.ts";

/**
 * The bytes of a vector: per component, ascending, the gap to the one before and the zigzag amount, both as base-128 varints.
 * Small gaps and small amounts, which is nearly all there are, take two bytes a component.
 */
export function encodeVector(vector: Vector): Uint8Array {
  const components = [...vector.keys()].sort((a, b) => a - b);
  const bytes: number[] = [];
  let previous = 0;
  for (const component of components) {
    pushVarint(bytes, component - previous);
    const amount = vector.get(component) as number;
    pushVarint(bytes, amount >= 0 ? amount * 2 : -amount * 2 - 1);
    previous = component;
  }
  return Uint8Array.from(bytes);
}

/** @throws {RangeError} when the bytes end inside a number: they were cut */
export function decodeVector(bytes: Uint8Array): Vector {
  const vector: Vector = new Map();
  const reader = { bytes, at: 0 };
  for (let component = 0; reader.at < bytes.length; ) {
    component += nextVarint(reader);
    const zigzag = nextVarint(reader);
    vector.set(component, zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
  }
  return vector;
}

/**
 * Tells the components of an encoded vector, ascending, without their amounts: a set of users is read so.
 * @throws {RangeError} when the bytes end inside a number: they were cut
 */
export function forEachComponent(bytes: Uint8Array, tell: (component: number) => void): void {
  const reader = { bytes, at: 0 };
  for (let component = 0; reader.at < bytes.length; ) {
    component += nextVarint(reader);
    tell(component);
    nextVarint(reader);
  }
}

type ByteReader = { readonly bytes: Uint8Array; at: number };

function nextVarint(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw new RangeError("vector bytes end inside a number");
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

// Division instead of shifts: sums of milliseconds outgrow 32 bits.
function pushVarint(bytes: number[], value: number): void {
  while (value >= 128) {
    bytes.push((value % 128) + 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
}
