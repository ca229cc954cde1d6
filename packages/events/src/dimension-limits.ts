/** The value that replaces one beyond its dimension's limit. */
export const overflowValue = "other";

/**
 * How many different values of a dimension one ingest process accepts since it started. The names are those of the context, the source
 * system and the properties of an event. Titles have no limit, because there are many by nature.
 */
export const valuesMax = {
  service: 1_000,
  route: 5_000,
  system: 200,
  platform: 100,
  deviceType: 100,
  locale: 1_000,
  appVersion: 2_000,
  ageBand: 50,
  genre: 1_000,
} as const;
