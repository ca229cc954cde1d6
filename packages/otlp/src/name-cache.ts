import { sameBytes, slotOf } from "./name-slot.ts";

const slotCount = 512;
const cachedBytesMax = 64;

type Slot = { readonly bytes: Buffer; readonly text: string };

/**
 * Attribute names repeat in every record, and comparing bytes is cheaper than decoding them again.
 * One slot a hash value: a name with the same hash replaces the old one, so the cache never grows.
 */
export class NameCache {
  private readonly slots = new Array<Slot | undefined>(slotCount).fill(undefined);

  textOf(bytes: Buffer, from: number, to: number): string {
    if (to - from > cachedBytesMax) return bytes.toString("utf8", from, to);
    const index = slotOf(bytes, from, to, slotCount);
    const slot = this.slots[index];
    if (slot !== undefined && sameBytes(slot.bytes, bytes, from, to)) return slot.text;
    const text = bytes.toString("utf8", from, to);
    this.slots[index] = { bytes: Buffer.from(bytes.subarray(from, to)), text };
    return text;
  }
}
