/** What a value beyond its dimension's limit is stored and counted under. */
export const overflowValue = "other";

/**
 * How many different values of a dimension one ingest process takes since it started; the context, the source system and the properties
 * of an event name them so. Titles, which are many by nature, have no limit.
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
