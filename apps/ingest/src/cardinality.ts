import { overflowValue, valuesMax } from "@trinity/events/dimension-limits";
import type { StoredEvent } from "@trinity/events/event";

type Limited = keyof typeof valuesMax;

/** Keeps senders from making up dimension values without end: each would be a row in every rollup. */
export type Cardinality = {
  limit(event: StoredEvent): StoredEvent;
  /** How many values were counted under `other`, by dimension. */
  readonly overflowed: ReadonlyMap<Limited, number>;
};

export function createCardinality(): Cardinality {
  const known = new Map<Limited, Set<string>>();
  const overflowed = new Map<Limited, number>();

  function admit(name: Limited, value: string): string {
    let values = known.get(name);
    if (values === undefined) known.set(name, (values = new Set()));
    if (values.has(value)) return value;
    if (values.size < valuesMax[name]) {
      values.add(value);
      return value;
    }
    overflowed.set(name, (overflowed.get(name) ?? 0) + 1);
    return overflowValue;
  }

  function admitAll<T extends object>(record: T, names: readonly Limited[]): T {
    let changed: Record<string, unknown> | null = null;
    for (const name of names) {
      const value = (record as Record<string, unknown>)[name];
      if (typeof value !== "string") continue;
      const admitted = admit(name, value);
      if (admitted !== value) changed = { ...(changed ?? record), [name]: admitted };
    }
    return (changed as T | null) ?? record;
  }

  return {
    overflowed,
    limit(event) {
      const context = admitAll(event.context, ["platform", "deviceType", "locale", "appVersion", "ageBand"]);
      const source = admitAll(event.source, ["system"]);
      const named = admitAll(event.properties, ["service", "route"]);
      const properties = Array.isArray(named.genres) ? { ...named, genres: named.genres.map((genre) => admit("genre", genre)) } : named;
      return { ...event, context, source, properties };
    },
  };
}
