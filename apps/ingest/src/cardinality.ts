import { contextNames } from "@trinity/anonymization/anonymise-event";
import { overflowValue, valuesMax } from "@trinity/events/dimension-limits";
import type { Properties, StoredEvent } from "@trinity/events/event";

type Limited = keyof typeof valuesMax;

const sourceNames = ["system"] as const;
const propertyNames = ["service", "route"] as const;

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

  function admitGenres(properties: Properties): Properties {
    const { genres } = properties;
    if (!Array.isArray(genres)) return properties;
    const admitted: readonly string[] = genres.map((genre) => admit("genre", genre));
    return admitted.every((genre, i) => genre === genres[i]) ? properties : { ...properties, genres: admitted };
  }

  return {
    overflowed,
    limit(event) {
      const context = admitAll(event.context, contextNames);
      const source = admitAll(event.source, sourceNames);
      const properties = admitGenres(admitAll(event.properties, propertyNames));
      const isWithin = context === event.context && source === event.source && properties === event.properties;
      return isWithin ? event : { ...event, context, source, properties };
    },
  };
}
