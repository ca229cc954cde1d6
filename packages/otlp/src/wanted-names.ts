import { sameBytes, slotOf } from "./name-slot.ts";

const slotCount = 256;

type WantedName = { readonly bytes: Buffer; readonly presentName: string };

/** A closed list of attribute names, looked up by their bytes: other names are never decoded. A former name is mapped to the present one. */
export class WantedNames {
  private readonly presentNames = new Map<string, string>();
  private readonly slots: WantedName[][] = Array.from({ length: slotCount }, () => []);

  /** @param names by present name, the replaced names */
  constructor(names: Readonly<Record<string, readonly string[]>>) {
    for (const [presentName, formerNames] of Object.entries(names)) {
      for (const name of [presentName, ...formerNames]) this.add(name, presentName);
    }
  }

  /** @returns the present name of a wanted attribute */
  presentName(name: string): string | undefined {
    return this.presentNames.get(name);
  }

  /** The same for a name in bytes. */
  find(bytes: Buffer, from: number, to: number): string | undefined {
    const slot = this.slots[slotOf(bytes, from, to, slotCount)] as WantedName[];
    for (let index = 0; index < slot.length; index++) {
      const name = slot[index] as WantedName;
      if (sameBytes(name.bytes, bytes, from, to)) return name.presentName;
    }
    return undefined;
  }

  private add(name: string, presentName: string): void {
    const bytes = Buffer.from(name, "utf8");
    this.presentNames.set(name, presentName);
    this.slots[slotOf(bytes, 0, bytes.length, slotCount)]?.push({ bytes, presentName });
  }
}
