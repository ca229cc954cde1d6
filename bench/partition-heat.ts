import { CapacityMeter } from "@trinity/storage-dynamodb/client/capacity-meter";
import type { Item } from "@trinity/storage-dynamodb/client/dynamo";
import type { TableName } from "@trinity/storage-dynamodb/tables";

/** The limit of one partition, and so of one partition key until it is split: write units a second. */
export const partitionUnits = 1_000;

export type KeyHeat = {
  /** The prefix of the keys, such as `entry`. */
  readonly kind: string;
  readonly table: TableName;
  readonly keys: number;
  readonly items: number;
  readonly bytesMean: number;
  readonly bytesMax: number;
  /** Units a second of the hottest key in its hottest minute. */
  readonly hottestUnits: number;
  /** The events a second at which the hottest key uses up one partition. */
  readonly eventsPerSecondMax: number;
};

type Written = {
  readonly table: TableName;
  readonly keys: Set<string>;
  readonly byMinute: Map<string, number>;
  items: number;
  bytes: number;
  bytesMax: number;
};

/** The writes of a run by partition key: units of each in each minute. Partitions absorb bursts of some minutes. */
export class HeatMeter extends CapacityMeter {
  /** The time of the traffic, which goes faster than ours. */
  nowMs = 0;
  readonly #kinds = new Map<string, Written>();

  override wrote(table: TableName, item: Item): void {
    const kind = `${table} ${kindOf(item.pk)}`;
    let written = this.#kinds.get(kind);
    if (written === undefined) {
      this.#kinds.set(kind, (written = { table, keys: new Set(), byMinute: new Map(), items: 0, bytes: 0, bytesMax: 0 }));
    }
    const bytes = bytesOf(item);
    written.items += 1;
    written.bytes += bytes;
    written.bytesMax = Math.max(written.bytesMax, bytes);
    written.keys.add(item.pk);
    const minute = `${Math.floor(this.nowMs / 60_000)} ${item.pk}`;
    written.byMinute.set(minute, (written.byMinute.get(minute) ?? 0) + Math.ceil(bytes / 1_024));
  }

  /** @param eventsPerSecond the rate of the traffic */
  heat(eventsPerSecond: number): readonly KeyHeat[] {
    return [...this.#kinds].map(([name, { table, keys, byMinute, items, bytes, bytesMax }]) => {
      const hottestUnits = Math.max(...byMinute.values()) / 60;
      return {
        kind: name.slice(table.length + 1),
        table,
        keys: keys.size,
        items,
        bytesMean: bytes / items,
        bytesMax,
        hottestUnits,
        eventsPerSecondMax: (partitionUnits * eventsPerSecond) / hottestUnits,
      };
    });
  }
}

/** Minutes, hours and days of a measure have partitions of their own. */
function kindOf(pk: string): string {
  return /^(minute|hour|day)#\d+#/.test(pk) ? "cells" : (pk.split(/[#-]/, 1)[0] as string);
}

/** An item's size approximately as DynamoDB counts it: names and values, texts in UTF-8. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueBytes(value), 0);
}

function valueBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : 12;
}
