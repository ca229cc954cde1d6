import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import type { TableName } from "../tables.ts";

/** The purpose of a call; consumed capacity is counted by it. */
export type CapacityTag = "log" | "index" | "entities" | "rollups" | "deltas" | "manifest" | "status" | "leases" | "keys";

export type CapacityUse = { readonly readUnits: number; readonly writeUnits: number };

/** Adds up the capacity units that calls consumed, by tag. */
export class CapacityMeter {
  readonly #byTag = new Map<CapacityTag, { readUnits: number; writeUnits: number }>();

  /** @param isWrite whether the units are write units */
  add(tag: CapacityTag, consumed: ConsumedCapacity | readonly ConsumedCapacity[] | undefined, isWrite: boolean): void {
    for (const { CapacityUnits = 0 } of [consumed ?? []].flat() as readonly ConsumedCapacity[]) {
      let use = this.#byTag.get(tag);
      if (use === undefined) this.#byTag.set(tag, (use = { readUnits: 0, writeUnits: 0 }));
      if (isWrite) use.writeUnits += CapacityUnits;
      else use.readUnits += CapacityUnits;
    }
  }

  /** Called with every written item. Override it to measure the load of partitions. */
  wrote(_table: TableName, _item: Readonly<Record<string, unknown>>): void {}

  byTag(): ReadonlyMap<CapacityTag, CapacityUse> {
    return new Map([...this.#byTag].map(([tag, use]) => [tag, { ...use }]));
  }
}
