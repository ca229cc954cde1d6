/** Which package may import which. A package that is not listed may not exist; apps may import every package and no app. */
export const packageArrows: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  events: ["runtime"],
  anonymization: ["events", "runtime"],
  aggregation: ["events", "runtime"],
  prediction: ["aggregation"],
  "alert-rules": ["aggregation"],
  storage: ["events", "aggregation"],
  "storage-memory": ["storage", "aggregation"],
  verification: ["storage", "storage-memory", "aggregation", "events"],
  query: ["storage", "verification", "aggregation", "auth", "events", "runtime"],
  // An adapter handles the shapes that its port is made of.
  "storage-sqlite": ["storage", "aggregation", "events"],
  "storage-dynamodb": ["storage", "aggregation", "events", "runtime"],
  // What the configuration names.
  "store-factory": ["runtime", "config", "storage", "storage-sqlite", "storage-dynamodb"],
  cache: [],
  exporting: ["events", "aggregation"],
  notifications: [],
  auth: ["runtime"],
  config: ["runtime"],
  lifecycle: ["runtime"],
  telemetry: [],
  http: [],
  otlp: ["events", "runtime"],
  tracker: ["events"],
  nestjs: ["tracker"],
  simulator: ["events"],
  "trinity-connector": ["events"],
  "dynamodb-local": ["testing"],
  // What tests, drills and benchmarks start, send with and wait for.
  testing: ["runtime", "storage", "query", "aggregation"],
};

/** Imports of which only types may come: nothing of the target runs in the importer. */
export const typeOnlyArrows: readonly string[] = ["tracker -> events", "dashboard -> api"];

/** What a test may import besides: simulated traffic, a database or the reference store to run on, and queries and verification to check results with. */
export const testArrows: readonly string[] = ["simulator", "dynamodb-local", "storage-memory", "query", "verification", "testing"];

/** Packages that have few modules for others, and some for tests and benchmarks only. Every other package may be imported by all it exports. */
export const openModules: Readonly<Record<string, { readonly forAll: readonly string[]; readonly forTests: readonly string[] }>> = {
  query: { forAll: ["answer", "query", "questions"], forTests: ["asking"] },
};

/** Reads of the store that answers are made from: only `packages/query` makes answers, so the API may use none. */
export const answerReads: readonly string[] = [
  "readRollups",
  "readEntities",
  "scanEntities",
  "readChunks",
  "readChunksInRange",
  "readChunksOfUser",
];

/** Packages of values to values: no I/O, no clock, no chance. Each with the built-in modules that it may use all the same. */
export const purePackages: Readonly<Record<string, readonly string[]>> = {
  events: [],
  anonymization: ["crypto"],
  aggregation: [],
  prediction: [],
  "alert-rules": [],
  exporting: [],
  "trinity-connector": [],
};

/** Built-in modules that only calculate: everything else that Node brings can wait, fail or look at a clock. */
export const calculatingBuiltins: readonly string[] = ["assert", "assert/strict", "buffer", "string_decoder", "util", "zlib"];
